// A layer, written as one line of YAML, applied to numbers; and what it refuses.
#pragma once

#include <gmock/gmock.h>

#include "ops/interpret.hpp"
#include "plugins/initializers/register.hpp"
#include "plugins/layers/register.hpp"
#include "plugins/schedules/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"

namespace duel {

inline const Registry& registry() {
  return filled_registry<register_layers, register_initializers, register_schedules>();
}

inline HostTensor filled(const Shape& shape, double value) {
  return {shape, std::vector<double>(static_cast<std::size_t>(shape.elements()), value)};
}

struct Setting {
  Preset preset = Preset::keras;
  Mode mode = Mode::train;
  Clock clock = {};
  uint64_t step = 0;                                 // of the random numbers
  std::map<std::string, HostTensor> variables = {};  // those not given start as the layer says
};

struct Result {
  HostTensor output;
  std::map<std::string, HostTensor> before;
  std::map<std::string, HostTensor> after;
};

inline Result run_layer(const std::string& yaml, const std::vector<HostTensor>& inputs, const Setting& setting = {}) {
  const auto layer = read_component(registry(), registry().layers, yaml, setting.preset);
  Graph graph(DType::float64);
  std::vector<Tensor> tensors;
  std::map<std::string, HostTensor> named;
  for (const HostTensor& input : inputs) {
    const std::string name = fmt::format("{}", tensors.size());
    tensors.emplace_back(graph, graph.input(name, input.shape));
    named[name] = input;
  }
  TestLayerContext context(graph, setting.mode, inputs[0].shape[0], setting.clock);
  graph.add_output("output", layer->build(context, tensors).id());
  context.assign_updates();
  auto variables = context.starting_values();
  for (const auto& [name, value] : setting.variables) variables.at(name) = value;
  auto result = interpret(graph, named, variables, {.step = setting.step, .dtype = DType::float64});
  return {result.outputs.at("output"), variables, result.variables};
}

inline std::shared_ptr<const Layer> read_layer(const std::string& yaml) {
  return read_component(registry(), registry().layers, yaml);
}

// It does not take such an input. Of a layer within another that is a UserError.
template <class Error = ShapeError>
void refuses(const std::string& layer, const Shape& input, const std::string& text) {
  EXPECT_THAT(([&] { run_layer(layer, {filled(input, 0)}); }), testing::ThrowsMessage<Error>(testing::HasSubstr(text)))
      << layer;
}

// Its parameters are wrong.
inline void refuses_to_read(const std::string& layer, const std::string& text) {
  EXPECT_THAT(([&] { read_layer(layer); }), testing::ThrowsMessage<UserError>(testing::HasSubstr(text))) << layer;
}

}  // namespace duel
