// The split of trials, and whether the estimator finds what random search does not.
#include "search/tpe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace duel {
namespace {

using testing::ElementsAre;
using State = Observation::State;

std::vector<int64_t> numbers_of(const std::vector<const Observation*>& observations) {
  std::vector<int64_t> out;
  for (const Observation* observation : observations) out.push_back(observation->number);
  return out;
}

TEST(Tpe, CountsATenthAsGoodAndAtMost25) {
  EXPECT_EQ(good_trials(1), 1);
  EXPECT_EQ(good_trials(10), 1);
  EXPECT_EQ(good_trials(11), 2);
  EXPECT_EQ(good_trials(1000), 25);
}

TEST(Tpe, PutsCompleteTrialsBeforePrunedAndTakesRunningOnesForBad) {
  std::vector<Observation> history;
  const auto add = [&](State state, double value, double resource = 0) {
    history.push_back({static_cast<int64_t>(history.size()), {}, state, value, resource});
  };
  add(State::running, 0);
  add(State::diverged, 0);
  add(State::pruned, 1, 3);
  add(State::pruned, 9, 9);
  for (int i = 0; i < 8; ++i) add(State::complete, 100 - i);
  const SplitObservations split = split_observations(history);  // 11 finished: 2 good
  EXPECT_THAT(numbers_of(split.good), ElementsAre(10, 11));
  EXPECT_THAT(numbers_of(split.others), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));

  history.resize(4);
  for (int i = 0; i < 8; ++i) add(State::diverged, 0);
  EXPECT_THAT(numbers_of(split_observations(history).good), ElementsAre(2, 3)) << "pruned ones before diverged ones";
}

using Function = double (*)(std::span<const double>);

// Minimum 0 at (1, 3).
double booth(std::span<const double> x) { return std::pow(x[0] + 2 * x[1] - 7, 2) + std::pow(2 * x[0] + x[1] - 5, 2); }
// A valley on a logarithmic axis, with a switch that makes everything worse: minimum 0 at lr = 10⁻³, units = 64.
double learning_rate(std::span<const double> x) {
  return std::pow(std::log10(x[0]) + 3, 2) + std::pow((x[1] - 64) / 32, 2) + (x[2] == 0 ? 0 : 1);
}

double best_of(const SearchSpace& space, Function function, uint64_t seed, bool estimates) {
  std::vector<Observation> history;
  double best = std::numeric_limits<double>::infinity();
  for (int64_t number = 0; number < 60; ++number) {
    const Point point = estimates ? tpe_point(space, seed, number, history) : random_point(space, seed, number);
    std::vector<double> x;
    for (const auto& value : point) x.push_back(*value);
    const double value = function(x);
    best = std::min(best, value);
    history.push_back({number, point, State::complete, value, 0});
  }
  return best;
}

void expect_better_than_random(const std::string& space_text, Function function) {
  Problems problems;
  const SearchSpace space = read_space(parse_yaml(space_text, "space.yaml"), problems);
  problems.throw_if_any();
  int wins = 0;
  double logarithm = 0;  // of the ratio of what is left, mean over the seeds
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const double tpe = best_of(space, function, seed, true);
    const double random = best_of(space, function, seed, false);
    wins += tpe < random ? 1 : 0;
    logarithm += std::log(tpe / random) / 10;
  }
  testing::Test::RecordProperty("wins_of_10", wins);
  testing::Test::RecordProperty("geometric_mean_ratio", std::to_string(std::exp(logarithm)));
  EXPECT_GE(wins, 8);
  EXPECT_LT(std::exp(logarithm), 0.5);
}

TEST(Tpe, BeatsRandomSearchOnBoothsFunction) {
  expect_better_than_random("x: {min: -10.0, max: 10}\ny: {min: -10.0, max: 10}", booth);
}

TEST(Tpe, BeatsRandomSearchOnALearningRateWithUnitsAndASwitch) {
  expect_better_than_random(
      "lr: {distribution: log_uniform_values, min: 1e-6, max: 1}\n"
      "units: {distribution: q_uniform, min: 8, max: 512, q: 8}\n"
      "norm: {values: [batch, none, layer]}",
      learning_rate);
}

TEST(Tpe, DependsOnTheSeedTheNumberAndTheHistoryAlone) {
  Problems problems;
  const SearchSpace space = read_space(parse_yaml("x: {min: 0.0, max: 1}", "space.yaml"), problems);
  std::vector<Observation> history;
  for (int64_t i = 0; i < 12; ++i) history.push_back({i, random_point(space, 1, i), State::complete, double(i), 0});
  EXPECT_EQ(tpe_point(space, 1, 12, history), tpe_point(space, 1, 12, history));
  EXPECT_NE(tpe_point(space, 1, 12, history), tpe_point(space, 1, 13, history));
  EXPECT_NE(tpe_point(space, 1, 12, history), tpe_point(space, 2, 12, history));
}

}  // namespace
}  // namespace duel
