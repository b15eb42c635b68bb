#include "tests/support/value_harness.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "ops/interpret.hpp"

namespace duel {
namespace {

Tensor apply_operator(Expression::Kind kind, const Tensor& a, const Tensor& b) {
  switch (kind) {
    case Expression::Kind::add:
      return a + b;
    case Expression::Kind::subtract:
      return a - b;
    case Expression::Kind::multiply:
      return a * b;
    case Expression::Kind::divide:
      return a / b;
    case Expression::Kind::greater:
      return greater(a, b);
    case Expression::Kind::greater_equal:
      return greater_equal(a, b);
    case Expression::Kind::less:
      return less(a, b);
    case Expression::Kind::less_equal:
      return less_equal(a, b);
    case Expression::Kind::equal:
      return equal(a, b);
    case Expression::Kind::not_equal:
      return not_equal(a, b);
    default:
      break;
  }
  throw InternalError("the test harness knows no such expression");
}

}  // namespace

void TestValueContext::define_in_order(std::span<const Tensor> values) {
  for (std::size_t i = 0; i < values.size(); ++i) define(std::string(1, static_cast<char>('a' + i)), values[i]);
}

Tensor TestValueContext::evaluate(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::number:
      return constant(graph_, expression.number);
    case Expression::Kind::name: {
      const auto found = names_.find(expression.name);
      DUEL_CHECK(found != names_.end(), "the test defines no '{}'", expression.name);
      return found->second;
    }
    case Expression::Kind::negate:
      return -evaluate(expression.children.at(0));
    case Expression::Kind::call:
      if (expression.schedule != nullptr) return number(*expression.schedule);
      DUEL_CHECK(expression.function != nullptr, "'{}' is no registered function", expression.name);
      return expression.function->build(*this);
    default:
      DUEL_CHECK(expression.children.size() == 2, "the test harness does not know '{}'", expression.text);
      const Tensor left = evaluate(expression.children[0]);
      return apply_operator(expression.kind, left, evaluate(expression.children[1]));
  }
}

RandomSource TestValueContext::random(const std::string& name, bool each_turn) {
  return {.key = stream_key(1, 0, name), .turn = each_turn ? turn_ : 0};
}

Tensor TestValueContext::state(const std::string& name, const Shape& shape, double initial) {
  const auto elements = static_cast<std::size_t>(shape.elements());
  states_.emplace(name, HostTensor{shape, std::vector<double>(elements, initial)});
  graph_.variable(name, shape);
  return {graph_, graph_.find_variable(name)->initial};
}

void TestValueContext::set_state_later(const std::string& name, std::function<Tensor()> next) {
  DUEL_CHECK(states_.contains(name), "the function sets the unknown state '{}'", name);
  if (trains_) later_[name] = std::move(next);
}

void TestValueContext::assign_states() {
  for (const auto& [name, next] : later_) graph_.assign(name, next().id());
}

Tensor evaluate_text(const Registry& registry, TestValueContext& context, const std::string& text) {
  Problems problems;
  ReadContext reading{.registry = registry, .problems = problems, .path = "values"};
  const Expression& expression = context.keep(read_expression(YamlNode::scalar(text), reading));
  problems.throw_if_any();
  return context.evaluate(expression);
}

Tensor TestOptimizerContext::state(const std::string& name, double initial) {
  const auto elements = static_cast<std::size_t>(shape_.elements());
  DUEL_CHECK(states_.emplace(name, HostTensor{shape_, std::vector<double>(elements, initial)}).second,
             "the optimizer asks for the state '{}' twice", name);
  return {graph_, graph_.variable(name, shape_)};
}

void TestOptimizerContext::set_state(const std::string& name, const Tensor& value) {
  DUEL_CHECK(states_.contains(name), "the optimizer sets the unknown state '{}'", name);
  graph_.assign(name, value.id());
}

Tensor TestOptimizerContext::number(const std::string& name, std::function<double(const Clock& clock)> value) {
  DUEL_CHECK(numbers_.emplace(name, std::move(value)).second, "the optimizer asks for the number '{}' twice", name);
  return {graph_, graph_.input(name, {})};
}

std::map<std::string, HostTensor> TestOptimizerContext::numbers_at(const Clock& clock) const {
  std::map<std::string, HostTensor> values;
  for (const auto& [name, value] : numbers_) values[name] = {{}, {value(clock)}};
  return values;
}

std::vector<HostTensor> run_updates(const Optimizer& optimizer, const HostTensor& weight,
                                    const std::vector<HostTensor>& gradients) {
  Graph graph(DType::float64);
  TestOptimizerContext context(graph, weight.shape);
  const Tensor present(graph, graph.variable("weight", weight.shape));
  const Tensor gradient(graph, graph.input("gradient", weight.shape));
  graph.assign("weight", optimizer.update(context, present, gradient).id());

  std::map<std::string, HostTensor> variables = context.starting_states();
  variables["weight"] = weight;
  std::vector<HostTensor> weights;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const auto count = static_cast<int64_t>(i);
    auto inputs = context.numbers_at({.step = count, .updates = count});
    inputs["gradient"] = gradients[i];
    variables = interpret(graph, inputs, variables).variables;
    weights.push_back(variables.at("weight"));
  }
  return weights;
}

}  // namespace duel
