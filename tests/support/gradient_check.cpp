#include "tests/support/gradient_check.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/random.hpp"
#include "gradient/differentiate.hpp"
#include "graph/verify.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

using Values = std::map<std::string, HostTensor>;

// Where the derivatives are taken: each entry's name is that of an input or of a variable.
struct Point {
  Values inputs;
  Values variables;
};

std::vector<Tensor> declare_inputs(Graph& graph, const std::vector<HostTensor>& values) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < values.size(); ++i) {
    inputs.emplace_back(graph, graph.input(std::to_string(i), values[i].shape));
  }
  return inputs;
}

Values named(const std::vector<HostTensor>& values) {
  Values out;
  for (std::size_t i = 0; i < values.size(); ++i) out[std::to_string(i)] = values[i];
  return out;
}

// Weights that differ from element to element. Draws of a fixed step are constants to the differences.
Tensor weighted_sum(const Tensor& a, uint64_t seed) {
  return sum(a * (0.5 + random_uniform(a.graph(), {.key = stream_key(seed, 0, "weights")}, a.shape())));
}

// The subject as a number, differentiated and made a number again `order` times.
class Case {
 public:
  Case(const GradientSubject& subject, const std::vector<HostTensor>& inputs, int order) : graph_(DType::float64) {
    leaves_ = declare_inputs(graph_, inputs);
    scalar_ = weighted_sum(subject(graph_, leaves_), 0);
    for (const Variable& variable : graph_.variables()) leaves_.emplace_back(graph_, variable.initial);
    for (int i = 1; i <= order; ++i) {
      Tensor total = constant(graph_, 0);
      uint64_t seed = static_cast<uint64_t>(i) << 32;
      for (const Tensor& gradient : differentiate(scalar_, leaves_)) total = total + weighted_sum(gradient, ++seed);
      scalar_ = total;
    }
  }

  void output_scalar() { graph_.add_output("scalar", scalar_.id()); }
  void output_gradients() {
    for (const Tensor& leaf : leaves_) {
      const Tensor leaves[] = {leaf};
      graph_.add_output(leaf.node().attributes.text("name"), differentiate(scalar_, leaves)[0].id());
    }
  }

  const Graph& graph() const { return graph_; }
  Values run(const Point& point) const { return interpret(graph_, point.inputs, point.variables).outputs; }

 private:
  Graph graph_;
  std::vector<Tensor> leaves_;
  Tensor scalar_;
};

class Checker {
 public:
  Checker(const GradientSubject& subject, const std::vector<HostTensor>& inputs, const GradientCheckOptions& options)
      : subject_(subject), inputs_(inputs), options_(options) {}

  testing::AssertionResult check(int order) {
    Case value(subject_, inputs_, order - 1);
    value.output_scalar();
    Case derivative(subject_, inputs_, order - 1);
    derivative.output_gradients();
    verify_graph(derivative.graph());

    point_ = {named(inputs_), starting_variables(value.graph())};
    const Values analytic = derivative.run(point_);
    for (Values* values : {&point_.inputs, &point_.variables}) {
      for (auto& [name, tensor] : *values) {
        const auto result = compare(value, order, name, tensor, analytic.at(name));
        if (!result) return result;
      }
    }
    return testing::AssertionSuccess();
  }

 private:
  Values starting_variables(const Graph& graph) const {
    Values values;
    uint64_t seed = 1000;
    for (const Variable& variable : graph.variables()) {
      const auto given = options_.variables.find(variable.name);
      values[variable.name] = given != options_.variables.end() ? given->second : random_tensor(variable.shape, ++seed);
    }
    return values;
  }

  testing::AssertionResult compare(const Case& value, int order, const std::string& name, HostTensor& tensor,
                                   const HostTensor& analytic) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const double numeric = central_difference(value, tensor.values[i]);
      const double error = std::abs(analytic.values[i] - numeric);
      if (error <= options_.absolute + options_.relative * std::abs(numeric)) continue;
      return testing::AssertionFailure() << fmt::format(
                 "order {}: the derivative by element {} of '{}' is {} and by differences {}", order, i, name,
                 analytic.values[i], numeric);
    }
    return testing::AssertionSuccess();
  }

  // `element` is one of point_.
  double central_difference(const Case& value, double& element) {
    const double middle = element;
    element = middle + options_.step;
    const double above = value.run(point_).at("scalar").values[0];
    element = middle - options_.step;
    const double below = value.run(point_).at("scalar").values[0];
    element = middle;
    return (above - below) / (2 * options_.step);
  }

  const GradientSubject& subject_;
  const std::vector<HostTensor>& inputs_;
  const GradientCheckOptions& options_;
  Point point_;
};

}  // namespace

testing::AssertionResult check_gradients(const GradientSubject& subject, const std::vector<HostTensor>& inputs,
                                         const GradientCheckOptions& options) {
  Checker checker(subject, inputs, options);
  for (int order = 1; order <= options.orders; ++order) {
    const auto result = checker.check(order);
    if (!result) return result;
  }
  return testing::AssertionSuccess();
}

HostTensor random_tensor(const Shape& shape, uint64_t seed, double low, double high) {
  RandomStream stream(stream_key(seed, 0, "random_tensor"));
  HostTensor tensor{shape, {}};
  for (int64_t i = 0; i < shape.elements(); ++i) tensor.values.push_back(stream.uniform(low, high));
  return tensor;
}

HostTensor evaluate(const GradientSubject& subject, const std::vector<HostTensor>& inputs,
                    const ReferenceContext& context) {
  Graph graph(context.dtype);
  graph.add_output("result", subject(graph, declare_inputs(graph, inputs)).id());
  return interpret(graph, named(inputs), {}, context).outputs.at("result");
}

}  // namespace duel
