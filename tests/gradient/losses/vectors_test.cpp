// Losses and their gradients against what PyTorch computes: tests/gradient/vectors/losses.json, written by
// make_losses.py beside it.
#include "tests/support/vectors.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "gradient/differentiate.hpp"
#include "graph/verify.hpp"
#include "ops/interpret.hpp"
#include "tests/gradient/losses/loss_registry.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/value_harness.hpp"

namespace duel {
namespace {

using nlohmann::json;

const json& all_cases() {
  static const json cases = read_vectors(DUEL_SOURCE_DIR "/tests/gradient/vectors/losses.json");
  return cases;
}

// {"net": {"w": -1}}: the network net has the weight w, whose outputs lie along its last axis.
void define_weights(const json& networks, Graph& graph, const std::map<std::string, HostTensor>& inputs,
                    TestValueContext& context) {
  for (const auto& [network, weights] : networks.items()) {
    std::vector<NetworkWeight> defined;
    for (const auto& [name, output_axis] : weights.items()) {
      defined.push_back({name, Tensor(graph, graph.input(name, inputs.at(name).shape)), output_axis.get<int>()});
    }
    context.define_weights(network, defined);
  }
}

TEST(LossVectors, AreWhatPyTorchComputes) {
  for (const json& expected : all_cases()) {
    SCOPED_TRACE(expected.at("name").get<std::string>());
    Graph graph(DType::float64);
    TestValueContext context(graph);
    std::map<std::string, HostTensor> inputs;
    for (const auto& [name, packed] : expected.at("inputs").items()) {
      inputs[name] = tensor_of(packed);
      context.define(name, Tensor(graph, graph.input(name, inputs[name].shape)));
    }
    if (expected.contains("weights")) define_weights(expected.at("weights"), graph, inputs, context);
    const Tensor loss = read_component(loss_registry(), loss_registry().losses, expected.at("loss"))->build(context);
    ASSERT_EQ(loss.rank(), 0);
    graph.add_output("loss", loss.id());
    for (const auto& [name, gradient] : expected.at("gradients").items()) {
      const Tensor leaves[] = {Tensor(graph, graph.input(name, inputs[name].shape))};
      graph.add_output(name, differentiate(loss, leaves)[0].id());
    }
    verify_graph(graph);

    const auto outputs = interpret(graph, inputs, context.starting_states()).outputs;
    EXPECT_TRUE(tensors_near(outputs.at("loss"), {{}, {expected.at("value").get<double>()}}, 1e-12));
    for (const auto& [name, gradient] : expected.at("gradients").items()) {
      // The tiny floor is for elements that are differences of nearly equal numbers, in PyTorch as here.
      EXPECT_TRUE(tensors_near(outputs.at(name), tensor_of(gradient), 1e-12, 1e-15)) << "derivative by " << name;
    }
  }
}

TEST(LossVectors, CoverEveryLoss) {
  std::set<std::string> covered;
  for (const json& expected : all_cases()) {
    const auto text = expected.at("loss").get<std::string>();
    covered.insert(text.substr(0, text.find(':')));
  }
  EXPECT_THAT(loss_registry().losses.kinds(), testing::UnorderedElementsAreArray(covered));
}

}  // namespace
}  // namespace duel
