#include "plugins/metrics/accuracy.hpp"

#include "data/errors.hpp"
#include "plugins/metrics/share.hpp"

namespace duel {
namespace {

// How many classes come before the label.
int64_t place_of(std::size_t label, const std::vector<double>& row) {
  int64_t place = 0;
  for (std::size_t i = 0; i < row.size(); ++i) place += row[i] > row[label] || (row[i] == row[label] && i < label);
  return place;
}

}  // namespace

std::vector<EvaluationRecord> Accuracy::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& rows = *input.fake.rows;
  const int64_t classes = rows.width(), needed = std::max<int64_t>(k, 2);
  if (classes < needed) {
    fail_data(
        rows.place(),
        fmt::format("has rows of {} numbers, and accuracy with k = {} needs {} classes or more", classes, k, needed),
        "give logits or probabilities, one number a class");
  }
  std::vector<double> row(static_cast<std::size_t>(classes));
  int64_t right = 0;
  for (int64_t i = 0; i < rows.count(); ++i) {
    const int64_t label = rows.labels()[static_cast<std::size_t>(i)];
    if (label >= classes) {
      fail_data(rows.place(), fmt::format("row {} (counted from 0) has the label {}, and rows of {} numbers know the "
                                          "classes 0 to {}",
                                          i, label, classes, classes - 1));
    }
    rows.copy_row(i, row.data());
    right += place_of(static_cast<std::size_t>(label), row) < k;
  }
  EvaluationRecord record = share_record("accuracy", right, rows.count());
  record.protocol.parameters = {{"k", std::to_string(k)}};
  return {record};
}

void Accuracy::declare(Declaration<Accuracy>& d) {
  d.help("share of the fakes whose label is the greatest of their numbers: logits or probabilities of the classes");
  d.reference("Odena, Olah and Shlens, Conditional image synthesis with auxiliary classifier GANs (2017)");
  d.parameter("k", &Accuracy::k, "the label is among the k greatest").min(1).max(1000000);
}

}  // namespace duel
