#include "search/early_termination.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.hpp"

namespace duel {
namespace {

bool hyperband_ends(const EarlyTermination& rule, int64_t number, double place, double value,
                    const std::map<int64_t, LearningCurve>& others) {
  std::vector<double> seen{value};
  const int64_t bracket = bracket_of(rule, number);
  for (const auto& [other, curve] : others) {
    const auto found = curve.find(place);
    if (found != curve.end() && bracket_of(rule, other) == bracket) seen.push_back(found->second);
  }
  std::ranges::sort(seen);
  const auto passing = std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(seen.size()) / rule.eta));
  return !(value <= seen[passing - 1]);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

bool median_ends(const EarlyTermination& rule, double place, const LearningCurve& curve,
                 const std::map<int64_t, LearningCurve>& others) {
  std::vector<double> seen;
  for (const auto& [other, values] : others) {
    if (const auto found = values.find(place); found != values.end()) seen.push_back(found->second);
  }
  if (static_cast<int64_t>(seen.size()) < rule.least_trials) return false;
  double best = curve.begin()->second;
  for (const auto& [at, value] : curve) {
    if (at <= place && !(best <= value)) best = value;
  }
  return !(best <= median(std::move(seen)));
}

}  // namespace

int64_t most_brackets(double min, double max, double eta) {
  return static_cast<int64_t>(std::floor(std::log(max / min) / std::log(eta) + 1e-9)) + 1;
}

int64_t bracket_of(const EarlyTermination& rule, int64_t number) {
  // Bracket b begins with ⌈brackets · eta^s / (s + 1)⌉ trials, s = brackets - 1 - b (Li et al., 2018, algorithm 1).
  std::vector<uint64_t> shares;
  uint64_t sum = 0;
  for (int64_t bracket = 0; bracket < rule.brackets; ++bracket) {
    const auto s = static_cast<double>(rule.brackets - 1 - bracket);
    shares.push_back(
        static_cast<uint64_t>(std::ceil(static_cast<double>(rule.brackets) * std::pow(rule.eta, s) / (s + 1))));
    sum += shares.back();
  }
  RandomStream stream(stream_key(0, 0, "hyperband/bracket"), {.step = static_cast<uint64_t>(number)});
  uint64_t place = stream.below(sum);
  int64_t bracket = 0;
  while (place >= shares[static_cast<std::size_t>(bracket)]) place -= shares[static_cast<std::size_t>(bracket++)];
  return bracket;
}

std::optional<double> next_comparison(const EarlyTermination& rule, int64_t number, double done) {
  if (rule.type == EarlyTermination::Type::median) {
    if (done < rule.min) return rule.min;
    return rule.min + rule.interval * (std::floor((done - rule.min) / rule.interval + 1e-9) + 1);
  }
  double rung = rule.min * std::pow(rule.eta, static_cast<double>(bracket_of(rule, number)));
  while (rung <= done * (1 + 1e-12)) rung *= rule.eta;
  return rung < rule.max ? std::optional(rung) : std::nullopt;
}

bool should_end(const EarlyTermination& rule, int64_t number, double place, const LearningCurve& curve,
                const std::map<int64_t, LearningCurve>& others) {
  const double value = curve.at(place);
  if (std::isinf(value)) return true;
  if (rule.type == EarlyTermination::Type::median) return median_ends(rule, place, curve, others);
  return hyperband_ends(rule, number, place, value, others);
}

}  // namespace duel
