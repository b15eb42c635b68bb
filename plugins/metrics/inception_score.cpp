#include "plugins/metrics/inception_score.hpp"

#include <cmath>

#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

void check_row(const FeatureMatrix& rows, int64_t row, const std::vector<double>& values) {
  constexpr double tolerance = 1e-3;  // some were computed in half precision
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    if (values[i] < 0) {
      fail_data(rows.place(),
                fmt::format("row {} (counted from 0) is no probabilities: column {} is {}", row, i, values[i]),
                "inception_score takes probabilities of classes, not logits or pixels");
    }
  }
  if (std::abs(sum - 1) <= tolerance) return;
  fail_data(rows.place(), fmt::format("row {} (counted from 0) is no probabilities: its sum is {:.6g}", row, sum),
            "inception_score takes probabilities of classes, not logits or pixels");
}

// One row after the other, so that it is always the first bad one that is named.
void check_probabilities(const FeatureMatrix& rows) {
  std::vector<double> row(static_cast<std::size_t>(rows.width()));
  for (int64_t i = 0; i < rows.count(); ++i) {
    rows.copy_row(i, row.data());
    check_row(rows, i, row);
  }
}

// Of rows [begin, end), in two passes: the mean, then the divergences from it.
double score_of(const FeatureMatrix& rows, int64_t begin, int64_t end) {
  const auto classes = static_cast<std::size_t>(rows.width());
  std::vector<double> mean(classes, 0.0), row(classes);
  for (int64_t i = begin; i < end; ++i) {
    rows.copy_row(i, row.data());
    for (std::size_t k = 0; k < classes; ++k) mean[k] += row[k];
  }
  for (double& value : mean) value /= static_cast<double>(end - begin);
  double divergence = 0;
  for (int64_t i = begin; i < end; ++i) {
    rows.copy_row(i, row.data());
    for (std::size_t k = 0; k < classes; ++k) {
      if (row[k] > 0) divergence += row[k] * (std::log(row[k]) - std::log(mean[k]));
    }
  }
  return std::exp(divergence / static_cast<double>(end - begin));
}

}  // namespace

std::vector<EvaluationRecord> InceptionScore::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix& rows = *input.fake.rows;
  rows.require_rows(splits, fmt::format("inception_score with {} splits", splits));
  check_probabilities(rows);
  std::vector<double> scores(static_cast<std::size_t>(splits));
  for_tiles(splits, [&](int64_t split) {
    scores[static_cast<std::size_t>(split)] =
        score_of(rows, split * rows.count() / splits, (split + 1) * rows.count() / splits);
  });
  EvaluationRecord record;
  record.metric = "inception_score";
  for (const double score : scores) record.value += score / static_cast<double>(splits);
  if (splits > 1) {
    double squares = 0;
    for (const double score : scores) squares += (score - record.value) * (score - record.value);
    record.uncertainty = std::sqrt(squares / static_cast<double>(splits));
    record.uncertainty_kind = "standard deviation over splits";
  }
  record.protocol.parameters = {{"splits", std::to_string(splits)}};
  return {record};
}

void InceptionScore::declare(Declaration<InceptionScore>& d) {
  d.help(
      "how sure and how varied the classes of the fakes are, whose rows are probabilities; 1 to the number of classes");
  d.reference("Salimans et al., Improved techniques for training GANs (2016)");
  d.parameter("splits", &InceptionScore::splits, "parts whose scores are averaged").min(1).max(1000000);
}

}  // namespace duel
