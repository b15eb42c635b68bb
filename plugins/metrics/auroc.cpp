#include "plugins/metrics/auroc.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/errors.hpp"
#include "plugins/metrics/scalars.hpp"

namespace duel {
namespace {

// The rank of each value, from 1 on; equal values share the mean of their ranks. Halves of integers: exact.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
  }
  return ranks;
}

// Of one side's samples: how many of the other side each is above, in the order of the rows.
std::vector<double> wins_of(const std::vector<double>& side, std::span<const double> ranks_among_all) {
  std::vector<double> wins = ranks_of(side);
  for (std::size_t i = 0; i < wins.size(); ++i) wins[i] = ranks_among_all[i] - wins[i];
  return wins;
}

// The variance of a mean over samples whose wins, over `others`, are these.
double variance_of_mean(const std::vector<double>& wins, std::size_t others) {
  const auto n = static_cast<double>(wins.size()), scale = static_cast<double>(others);
  const double mean = std::accumulate(wins.begin(), wins.end(), 0.0) / n;
  double squares = 0;
  for (const double win : wins) squares += ((win - mean) / scale) * ((win - mean) / scale);
  return squares / (n - 1) / n;
}

struct Scores {
  std::vector<double> negative;
  std::vector<double> positive;
};

Scores of_sides(const EvaluationInput& input) {
  input.real.rows->require_rows(2, "auroc");
  input.fake.rows->require_rows(2, "auroc");
  return {scalars_of(*input.real.rows, "auroc"), scalars_of(*input.fake.rows, "auroc")};
}

Scores by_labels(const FeatureMatrix& rows, const std::vector<int64_t>& positive) {
  const std::vector<double> all = scalars_of(rows, "auroc");
  Scores scores;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_positive = std::ranges::find(positive, rows.labels()[i]) != positive.end();
    (is_positive ? scores.positive : scores.negative).push_back(all[i]);
  }
  if (std::min(scores.positive.size(), scores.negative.size()) < 2) {
    fail_data(rows.place(),
              fmt::format(
                  "has {} examples with labels that 'positive' names and {} others, and auroc needs 2 or more of each",
                  scores.positive.size(), scores.negative.size()),
              "take more examples, or look at the labels");
  }
  return scores;
}

}  // namespace

std::vector<EvaluationRecord> Auroc::evaluate(const EvaluationInput& input) const {
  const auto [real, fake] = positive.empty() ? of_sides(input) : by_labels(*input.fake.rows, positive);
  std::vector<double> all = fake;
  all.insert(all.end(), real.begin(), real.end());
  const std::vector<double> ranks = ranks_of(all);
  const std::vector<double> fake_wins = wins_of(fake, std::span(ranks).first(fake.size()));
  const std::vector<double> real_wins = wins_of(real, std::span(ranks).last(real.size()));
  EvaluationRecord record;
  record.metric = "auroc";
  record.value = std::accumulate(fake_wins.begin(), fake_wins.end(), 0.0) /
                 (static_cast<double>(fake.size()) * static_cast<double>(real.size()));
  record.uncertainty = std::sqrt(variance_of_mean(fake_wins, real.size()) + variance_of_mean(real_wins, fake.size()));
  record.uncertainty_kind = "standard error (DeLong)";
  if (!positive.empty()) record.protocol.parameters = {{"positive", fmt::format("[{}]", fmt::join(positive, ","))}};
  return {record};
}

void Auroc::declare(Declaration<Auroc>& d) {
  d.help("area under the ROC curve of scores, one a row, with the fakes as positives; 0.5 for chance");
  d.reference(
      "DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating "
      "characteristic curves (1988)");
  d.parameter("positive", &Auroc::positive,
              "the scores are those of the fakes alone, and these of their labels are the positives: anomalies")
      .min(0);
}

}  // namespace duel
