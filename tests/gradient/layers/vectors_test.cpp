// Layers against what PyTorch computes: tests/gradient/vectors/layers.json, written by make_layers.py beside it.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "gradient/differentiate.hpp"
#include "graph/verify.hpp"
#include "ops/interpret.hpp"
#include "tests/gradient/layers/layer_registry.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {
namespace {

using nlohmann::json;

HostTensor host_tensor(const json& packed) {
  const auto extents = packed.at("shape").get<std::vector<int64_t>>();
  return {Shape(std::span<const int64_t>(extents)), packed.at("values").get<std::vector<double>>()};
}

const json& vector_cases() {
  static const json cases = [] {
    std::ifstream file(DUEL_SOURCE_DIR "/tests/gradient/vectors/layers.json");
    return json::parse(file);
  }();
  return cases;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const json& expected : vector_cases()) names.push_back(expected.at("name"));
  return names;
}

std::vector<std::string> keys(const json& object) {
  std::vector<std::string> names;
  for (const auto& item : object.items()) names.push_back(item.key());
  return names;
}

const json& case_named(const std::string& name) {
  return *std::ranges::find_if(vector_cases(), [&](const json& expected) { return expected.at("name") == name; });
}

void expect_near(const HostTensor& actual, const HostTensor& expected, const std::string& what) {
  ASSERT_EQ(actual.shape, expected.shape) << what;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double tolerance = 1e-9 * std::max(1.0, std::abs(expected.values[i]));
    EXPECT_NEAR(actual.values[i], expected.values[i], tolerance) << what << ", element " << i;
  }
}

class LayerVector : public testing::TestWithParam<std::string> {};

TEST_P(LayerVector, IsWhatPyTorchComputes) {
  const json& expected = case_named(GetParam());
  const Preset preset = expected.at("preset") == "keras" ? Preset::keras : Preset::torch;
  const auto layer = read_component(layer_registry(), layer_registry().layers, expected.at("layer"), preset);

  Graph graph(DType::float64);
  std::map<std::string, HostTensor> inputs;
  std::vector<Tensor> tensors;
  for (const json& packed : expected.at("inputs")) {
    const std::string name = fmt::format("input {}", tensors.size());
    inputs[name] = host_tensor(packed);
    tensors.emplace_back(graph, graph.input(name, inputs[name].shape));
  }
  TestLayerContext context(graph, expected.at("mode") == "train" ? Mode::train : Mode::inference,
                           tensors[0].shape()[0]);
  const Tensor output = layer->build(context, tensors);

  std::map<std::string, HostTensor> variables;
  for (const char* kind : {"weights", "states"}) {
    for (const auto& [name, packed] : expected.at(kind).items()) variables[name] = host_tensor(packed);
  }
  EXPECT_THAT(context.weights(), testing::UnorderedElementsAreArray(keys(expected.at("weights"))));
  EXPECT_THAT(context.states(), testing::UnorderedElementsAreArray(keys(expected.at("states"))));
  ASSERT_EQ(output.shape(), host_tensor(expected.at("output")).shape);

  const Tensor probe(graph, graph.input("probe", output.shape()));
  inputs["probe"] = host_tensor(expected.at("probe"));
  std::vector<Tensor> leaves = tensors;
  for (const std::string& name : context.weights()) leaves.emplace_back(graph, graph.find_variable(name)->initial);
  const auto gradients = differentiate(sum(output * probe), leaves);
  graph.add_output("output", output.id());
  for (std::size_t i = 0; i < gradients.size(); ++i) graph.add_output(fmt::format("{}", i), gradients[i].id());
  context.assign_updates();
  verify_graph(graph);
  const Interpretation result = interpret(graph, inputs, variables);

  expect_near(result.outputs.at("output"), host_tensor(expected.at("output")), "output");
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const bool is_input = i < tensors.size();
    const std::string name = is_input ? "" : context.weights()[i - tensors.size()];
    const json& packed = is_input ? expected.at("input_gradients")[i] : expected.at("weight_gradients").at(name);
    if (packed.is_null()) continue;  // indices
    expect_near(result.outputs.at(fmt::format("{}", i)), host_tensor(packed),
                fmt::format("derivative by {}", is_input ? fmt::format("input {}", i) : name));
  }
  for (const auto& [name, packed] : expected.at("states_after").items()) {
    expect_near(result.variables.at(name), host_tensor(packed), name + " after");
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, LayerVector, testing::ValuesIn(case_names()),
                         [](const auto& instance) { return instance.param; });

TEST(LayerVectors, CoverEveryLayer) {
  std::set<std::string> covered{"noise_injection"};  // adds noise in both modes, which is not PyTorch's
  for (const json& expected : vector_cases()) {
    covered.insert(kind_of(expected.at("layer")));
  }
  EXPECT_THAT(layer_registry().layers.kinds(), testing::UnorderedElementsAreArray(covered));
}

}  // namespace
}  // namespace duel
