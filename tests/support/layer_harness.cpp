#include "tests/support/layer_harness.hpp"

#include "base/error.hpp"

namespace duel {
namespace {

HostTensor filled(const Shape& shape, double value) {
  return {shape, std::vector<double>(static_cast<std::size_t>(shape.elements()), value)};
}

}  // namespace

Tensor TestLayerContext::weight(const NewWeight& weight) {
  const auto& [name, shape, initializer, fans, stream_name, axes] = weight;
  DUEL_CHECK(!starting_values_.contains(name), "the layer asks for the weight '{}' twice", name);
  HostTensor values = filled(shape, 0);
  RandomStream stream(stream_key(0, 0, stream_name.empty() ? name : stream_name));
  initializer->fill(values.values, shape, fans, stream);
  weights_.push_back(name);
  starting_values_[name] = std::move(values);
  return {graph_, graph_.variable(name, shape)};
}

Tensor TestLayerContext::state(const std::string& name, const Shape& shape, double initial) {
  DUEL_CHECK(!starting_values_.contains(name), "the layer asks for the state '{}' twice", name);
  states_.push_back(name);
  starting_values_[name] = filled(shape, initial);
  return {graph_, graph_.variable(name, shape)};
}

void TestLayerContext::update_state(const std::string& name, const Tensor& value) {
  DUEL_CHECK(mode_ == Mode::train, "the layer updates the state '{}' in inference", name);
  DUEL_CHECK(updates_.emplace(name, value).second, "the layer updates the state '{}' twice", name);
}

RandomSource TestLayerContext::random(const std::string& name) { return {.key = stream_key(0, 0, name)}; }

Tensor TestLayerContext::number(const Schedule& schedule) { return constant(graph_, schedule.at(clock_)); }

void TestLayerContext::assign_updates() {
  for (const auto& [name, value] : updates_) graph_.assign(name, value.id());
}

}  // namespace duel
