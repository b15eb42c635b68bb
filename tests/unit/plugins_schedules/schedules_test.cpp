// Schedules against PyTorch's (schedules.json, written by make_schedules.py beside it) and against closed forms.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "plugins/schedules/register.hpp"
#include "registry/schedule.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const Registry& registry() { return filled_registry<register_schedules>(); }

std::shared_ptr<const Schedule> read(const std::string& yaml) {
  return read_component(registry(), registry().schedules, yaml);
}

double at_step(const std::string& yaml, int64_t step, int64_t total = 0) {
  return read(yaml)->at({.step = step, .total_steps = total, .epoch = 0, .updates = 0});
}

std::string problem_of(const std::string& yaml) {
  try {
    read(yaml);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

json vectors() {
  std::ifstream file(DUEL_SOURCE_DIR "/tests/unit/plugins_schedules/schedules.json");
  return json::parse(file);
}

TEST(Schedules, AgreeWithPyTorch) {
  std::set<std::string> covered;
  for (const json& entry : vectors()) {
    const auto yaml = entry.at("schedule").get<std::string>();
    covered.insert(yaml.substr(0, yaml.find(':')));
    const auto schedule = read(yaml);
    EXPECT_FALSE(schedule->is_constant());
    int64_t step = 0;
    for (const double expected : entry.at("values").get<std::vector<double>>()) {
      const double value = schedule->at({.step = step, .total_steps = 0, .epoch = 0, .updates = 0});
      EXPECT_NEAR(value, expected, 1e-12) << yaml << " at step " << step;
      ++step;
    }
  }
  EXPECT_THAT(registry().schedules.kinds(), testing::UnorderedElementsAreArray(covered));
}

TEST(Schedules, GoOverAFractionOfTheTraining) {
  EXPECT_DOUBLE_EQ(at_step("linear: {from: 1, to: 0}", 25, 100), 0.75);
  EXPECT_DOUBLE_EQ(at_step("linear: {from: 1, to: 0, over: 0.5}", 25, 100), 0.5);
  EXPECT_DOUBLE_EQ(at_step("linear: {from: 1, to: 0, over: 0.5}", 80, 100), 0);
  EXPECT_DOUBLE_EQ(at_step("cosine: {from: 2, to: 1, over: 0.5}", 25, 100), 1.5);
  EXPECT_DOUBLE_EQ(at_step("cosine: {from: 2, to: 1, over: 0.5}", 75, 100), 1);
  EXPECT_DOUBLE_EQ(at_step("cosine: {from: 2, to: 1, over: 0.5, restart: true}", 50, 100), 2);
}

TEST(Schedules, AFractionOfAnOpenTrainingIsAnError) {
  try {
    at_step("linear: {from: 1, to: 0}", 25);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    EXPECT_THAT(error.what(), HasSubstr("give the schedule 'steps' or 'epochs'"));
  }
}

TEST(Schedules, CountEpochsAndUpdates) {
  const Clock clock{.step = 1000, .total_steps = 0, .epoch = 2.5, .updates = 30};
  EXPECT_DOUBLE_EQ(read("linear: {from: 0, to: 1, epochs: 10}")->at(clock), 0.25);
  EXPECT_DOUBLE_EQ(read("step: {from: 8, factor: 0.5, every: 1, by: epoch}")->at(clock), 2);
  EXPECT_DOUBLE_EQ(read("exponential: {from: 8, factor: 0.5, every: 1, by: epoch}")->at(clock), 8 * std::pow(0.5, 2.5));
  EXPECT_DOUBLE_EQ(read("exponential: {from: 8, factor: 0.5, every: 10, by: update}")->at(clock), 1);
  EXPECT_DOUBLE_EQ(read("piecewise: {at: [29, 31], values: [1, 2, 3], by: update}")->at(clock), 2);
}

TEST(Schedules, PiecewiseLinesBetweenPoints) {
  const std::string lines = "piecewise: {at: [10, 20, 40], values: [1, 3, 0], between: linear}";
  for (const auto& [step, expected] : std::map<int64_t, double>{{0, 1}, {10, 1}, {15, 2}, {20, 3}, {30, 1.5}, {50, 0}})
    EXPECT_DOUBLE_EQ(at_step(lines, step), expected) << step;
}

TEST(Schedules, WarmupStartsAtZeroAndTakesANumber) {
  EXPECT_DOUBLE_EQ(at_step("warmup: {steps: 4, then: 0.2}", 0), 0);
  EXPECT_DOUBLE_EQ(at_step("warmup: {steps: 4, then: 0.2}", 1), 0.05);
  EXPECT_DOUBLE_EQ(at_step("warmup: {steps: 4, then: 0.2}", 4), 0.2);
  EXPECT_DOUBLE_EQ(at_step("warmup: {steps: 4, then: 0.2}", 400), 0.2);
}

TEST(Schedules, ContradictionsAreProblems) {
  EXPECT_THAT(problem_of("linear: {from: 1, to: 0, steps: 5, epochs: 1}"), HasSubstr("only one of them"));
  EXPECT_THAT(problem_of("cosine: {from: 1, over: 0.5, epochs: 1}"), HasSubstr("only one of them"));
  EXPECT_THAT(problem_of("cosine: {from: 1, growth: 2}"), HasSubstr("restart: true"));
  EXPECT_THAT(problem_of("piecewise: {at: [3, 3], values: [1, 2, 3]}"), HasSubstr("must rise"));
  EXPECT_THAT(problem_of("piecewise: {at: [3], values: [1]}"), HasSubstr("1 numbers in 'at' go with 2 in 'values'"));
  EXPECT_THAT(problem_of("piecewise: {at: [], values: [1]}"), HasSubstr("a number or more"));
  EXPECT_THAT(problem_of("linear: {from: 1}"), HasSubstr("'to'"));
  EXPECT_THAT(problem_of("warmup: {steps: 0, then: 1}"), HasSubstr("at least 1"));
  EXPECT_THAT(problem_of("step: {from: 1, factor: 0.1, every: 5, by: hour}"), HasSubstr("hour"));
}

}  // namespace
}  // namespace duel
