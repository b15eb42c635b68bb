// Expressions evaluated for tests of value functions.
#pragma once

#include <string>
#include <vector>

#include "plugins/values/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/value_harness.hpp"

namespace duel {

inline const Registry& value_registry() { return filled_registry<register_values>(); }

// A function whose states go on from step to step: the inputs of each step, called a, b, c.
class Stepped {
 public:
  explicit Stepped(std::string text) : text_(std::move(text)) {}

  HostTensor step(const std::vector<HostTensor>& inputs) {
    Graph graph(DType::float64);
    std::vector<Tensor> tensors;
    std::map<std::string, HostTensor> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::string name = std::to_string(i);
      tensors.emplace_back(graph, graph.input(name, inputs[i].shape));
      values[name] = inputs[i];
    }
    TestValueContext context(graph, inputs.empty() ? 1 : inputs[0].shape[0]);
    context.define_in_order(tensors);
    graph.add_output("value", evaluate_text(value_registry(), context, text_).id());
    context.assign_states();
    for (const auto& [name, start] : context.starting_states()) states_.emplace(name, start);
    Interpretation done = interpret(graph, values, states_, {step_++, DType::float64});
    for (auto& [name, value] : done.variables) states_[name] = std::move(value);
    return done.outputs.at("value");
  }
  const HostTensor& state(const std::string& name) const { return states_.at(name); }

 private:
  std::string text_;
  std::map<std::string, HostTensor> states_;
  uint64_t step_ = 0;
};

// Inputs are called a, b, c in their order.
inline HostTensor evaluated(const std::string& text, const std::vector<HostTensor>& inputs = {}, int64_t batch = 4) {
  const auto subject = [&](Graph& graph, std::span<const Tensor> tensors) {
    TestValueContext context(graph, batch);
    context.define_in_order(tensors);
    return evaluate_text(value_registry(), context, text);
  };
  return evaluate(subject, inputs);
}

// The message of what is thrown, or "accepted".
inline std::string refused(const std::string& text, const std::vector<HostTensor>& inputs = {}) {
  try {
    evaluated(text, inputs);
  } catch (const UserError& error) {
    return error.what();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace duel
