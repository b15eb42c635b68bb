// What framework/model does for value functions, losses and optimizers, for tests.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graph/op.hpp"
#include "registry/optimizer.hpp"
#include "registry/registry.hpp"
#include "registry/value.hpp"

namespace duel {

// Evaluates expressions of numbers, defined names, operators and registered functions.
class TestValueContext final : public ValueContext {
 public:
  explicit TestValueContext(Graph& graph, int64_t batch = 1, Clock clock = {})
      : graph_(graph), batch_(batch), clock_(clock) {}

  void define(const std::string& name, const Tensor& value) { names_[name] = value; }
  // Calls them a, b, c, … in their order.
  void define_in_order(std::span<const Tensor> values);
  void define_weights(const std::string& network, std::vector<NetworkWeight> weights) {
    weights_[network] = std::move(weights);
  }
  // What redraws_each_turn() says, and the turn that draws made anew each turn are made in.
  void set_turn(bool redraws, int64_t turn) {
    redraws_ = redraws;
    turn_ = turn;
  }

  Graph& graph() override { return graph_; }
  int64_t batch() const override { return batch_; }
  Tensor evaluate(const Expression& expression) override;
  Tensor number(const Schedule& schedule) override { return constant(graph_, schedule.at(clock_)); }
  Tensor row_count(const Schedule& share, int64_t rows) override {
    return constant(graph_, static_cast<double>(rows_of_share(share.at(clock_), rows)));
  }
  std::vector<NetworkWeight> weights_of(const std::string& network) override { return weights_.at(network); }
  RandomSource random(const std::string& name, bool each_turn) override;
  bool redraws_each_turn() const override { return redraws_; }
  bool trains() const override { return trains_; }
  // A variable called so: one context holds one function with states.
  Tensor state(const std::string& name, const Shape& shape, double initial) override;
  void set_state_later(const std::string& name, std::function<Tensor()> next) override;

  // What set_state_later() was given may refer to functions of the expression.
  const Expression& keep(Expression expression) { return kept_.emplace_back(std::move(expression)); }
  void set_training(bool trains) { trains_ = trains; }
  // What states start with, and the assignment of what set_state asked for.
  const std::map<std::string, HostTensor>& starting_states() const { return states_; }
  void assign_states();

 private:
  Graph& graph_;
  int64_t batch_;
  Clock clock_;
  std::map<std::string, Tensor> names_;
  std::map<std::string, std::vector<NetworkWeight>> weights_;
  bool redraws_ = true;
  int64_t turn_ = 0;
  bool trains_ = true;
  std::map<std::string, HostTensor> states_;
  std::map<std::string, std::function<Tensor()>> later_;
  std::deque<Expression> kept_;
};

// Parses the text, binds the functions that it calls and evaluates it. Throws UserError with every problem.
Tensor evaluate_text(const Registry& registry, TestValueContext& context, const std::string& text);

// States become variables; numbers become inputs that are computed before each update.
class TestOptimizerContext final : public OptimizerContext {
 public:
  explicit TestOptimizerContext(Graph& graph, const Shape& shape) : graph_(graph), shape_(shape) {}

  Tensor state(const std::string& name, double initial) override;
  void set_state(const std::string& name, const Tensor& value) override;
  Tensor number(const std::string& name, std::function<double(const Clock& clock)> value) override;

  // What states start with, and what inputs are at `clock`.
  const std::map<std::string, HostTensor>& starting_states() const { return states_; }
  std::map<std::string, HostTensor> numbers_at(const Clock& clock) const;

 private:
  Graph& graph_;
  Shape shape_;
  std::map<std::string, HostTensor> states_;
  std::map<std::string, std::function<double(const Clock& clock)>> numbers_;
};

// The weight after each update, one a gradient, in double precision.
std::vector<HostTensor> run_updates(const Optimizer& optimizer, const HostTensor& weight,
                                    const std::vector<HostTensor>& gradients);

}  // namespace duel
