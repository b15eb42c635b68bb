#include "plugins/metrics/auroc.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

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

}  // namespace

std::vector<EvaluationRecord> Auroc::evaluate(const EvaluationInput& input) const {
  input.real.rows->require_rows(2, "auroc");
  input.fake.rows->require_rows(2, "auroc");
  const std::vector<double> real = scalars_of(*input.real.rows, "auroc"), fake = scalars_of(*input.fake.rows, "auroc");
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
  return {record};
}

void Auroc::declare(Declaration<Auroc>& d) {
  d.help("area under the ROC curve of scores, one a row, with the fakes as positives; 0.5 for chance");
  d.reference(
      "DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating "
      "characteristic curves (1988)");
}

}  // namespace duel
