// Optimizers against PyTorch and against the papers' formulas: tests/gradient/vectors/optimizers.json, written by
// make_optimizers.py beside it.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "ops/ops.hpp"
#include "plugins/optimizers/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/value_harness.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// One number a step, as written.
class ListedSchedule final : public Schedule {
 public:
  std::vector<double> values;
  double at(const Clock& clock) const override { return values.at(static_cast<std::size_t>(clock.step)); }
  static void declare(Declaration<ListedSchedule>& d) {
    d.parameter("values", &ListedSchedule::values, "the numbers").main().required();
  }
};

void register_listed(Registry& registry) { registry.schedules.add<ListedSchedule>("listed"); }

const Registry& registry() { return filled_registry<register_optimizers, register_listed>(); }

std::shared_ptr<const Optimizer> read_optimizer(const std::string& yaml, Preset preset = Preset::keras) {
  return read_component(registry(), registry().optimizers, yaml, preset);
}

const json& vectors() {
  static const json all = read_vectors(DUEL_SOURCE_DIR "/tests/gradient/vectors/optimizers.json");
  return all;
}

HostTensor vector_of(const json& values) {
  const auto numbers = values.get<std::vector<double>>();
  return {Shape{static_cast<int64_t>(numbers.size())}, numbers};
}

TEST(Optimizers, MakeTheUpdatesOfTheirSource) {
  std::vector<HostTensor> gradients;
  for (const json& gradient : vectors().at("gradients")) gradients.push_back(vector_of(gradient));
  ASSERT_GE(gradients.size(), 5u);
  for (const json& expected : vectors().at("cases")) {
    SCOPED_TRACE(expected.at("source").get<std::string>() + ", " + expected.at("optimizer").get<std::string>());
    const Preset preset = expected.at("preset") == "keras" ? Preset::keras : Preset::torch;
    const auto weights =
        run_updates(*read_optimizer(expected.at("optimizer"), preset), vector_of(vectors().at("start")), gradients);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      EXPECT_TRUE(tensors_near(weights[i], vector_of(expected.at("weights")[i]), 1e-12)) << "after update " << i + 1;
    }
  }
}

TEST(Optimizers, AllHaveVectors) {
  std::set<std::string> covered;
  for (const json& expected : vectors().at("cases")) {
    const auto text = expected.at("optimizer").get<std::string>();
    covered.insert(text.substr(0, text.find(':')));
  }
  EXPECT_THAT(registry().optimizers.kinds(), testing::UnorderedElementsAreArray(covered));
}

// The elementwise operations that an update runs over a weight.
int64_t operations(const std::string& yaml, Preset preset) {
  Graph graph;
  TestOptimizerContext context(graph, Shape{5});
  const Tensor weight(graph, graph.variable("weight", {5}));
  const Tensor gradient(graph, graph.input("gradient", {5}));
  graph.assign("weight", read_optimizer(yaml, preset)->update(context, weight, gradient).id());
  int64_t count = 0;
  for (const NodeId id : graph.live_nodes()) count += graph[id].op->kind == OpKind::elementwise;
  return count;
}

TEST(Optimizers, AreShortPrograms) {
  EXPECT_LE(operations("sgd: 0.1", Preset::torch), 2);
  EXPECT_LE(operations("sgd: {lr: 0.1, momentum: 0.9}", Preset::torch), 4);
  EXPECT_LE(operations("rmsprop", Preset::torch), 9);
  EXPECT_LE(operations("adam", Preset::keras), 12);
  EXPECT_LE(operations("adam", Preset::torch), 12);
  EXPECT_LE(operations("adamw", Preset::torch), 13);
  EXPECT_LE(operations("adabelief", Preset::torch), 14);
  EXPECT_LE(operations("lion", Preset::torch), 9);
}

TEST(Optimizers, HaveTheDefaultsOfTheirPreset) {
  const HostTensor weight{{1}, {1}};
  const std::vector<HostTensor> gradients{{{1}, {1e-7}}};
  // lr·(g/(1−β₁))·… at the first update is lr·g/(|g| + ε) in PyTorch, lr·g/(|g| + ε/√(1−β₂)) in Keras.
  const double torch = run_updates(*read_optimizer("adam", Preset::torch), weight, gradients)[0].values[0];
  const double keras = run_updates(*read_optimizer("adam", Preset::keras), weight, gradients)[0].values[0];
  EXPECT_NEAR(1 - torch, 1e-3 / 1.1, 1e-12);
  EXPECT_NEAR(1 - keras, 1e-3 / (1 + 1 / std::sqrt(1e-3)), 1e-12);
}

TEST(Optimizers, TakeALoneNumberForTheLearningRate) {
  const HostTensor weight{{1}, {1}};
  EXPECT_DOUBLE_EQ(run_updates(*read_optimizer("sgd: 0.25"), weight, {{{1}, {2}}})[0].values[0], 0.5);
}

std::string refusal_of(const std::string& yaml) {
  return refusal_of([&] { read_optimizer(yaml); }, ExitCode::experiment);
}

TEST(Optimizers, SayWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal_of("sgd: {nesterov: true}"), HasSubstr("nesterov needs a momentum"));
  EXPECT_THAT(refusal_of("sgd: {dampening: 0.5}"), HasSubstr("dampening needs a momentum"));
  EXPECT_THAT(refusal_of("adam: {beta2: 1}"), HasSubstr("must be less than 1"));
  EXPECT_THAT(refusal_of("adam: {lr: -1}"), HasSubstr("at least 0"));
  EXPECT_THAT(refusal_of("rmsprop: {epsilon_added_to: v_hat}"), HasSubstr("v_hat"));
}

}  // namespace
}  // namespace duel
