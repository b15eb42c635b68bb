// An experiment played by the ops' reference meanings, in double precision, on data that the test gives: what a step
// computes can be compared with arithmetic done by hand.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/op.hpp"
#include "model/turns.hpp"

namespace duel {

class Game {
 public:
  // Throws UserError for what the experiment says wrong. `point`: shape of one example of the data.
  explicit Game(const std::string& yaml, Shape point = {1});

  // One step of training; returns its losses and metrics. `points`: values of the data's field `point`, row after row,
  // for all batches that the step draws.
  std::map<std::string, double> step(const std::vector<double>& points = {});
  // The sample of that number, at the present weights.
  std::vector<double> sample(std::size_t which) const;

  // A variable by its path: networks/generator/dense_1/weight.
  const std::vector<double>& variable(const std::string& name) const;
  double weight(const std::string& name) const;  // one of a single element
  bool has_variable(const std::string& name) const { return variables_.contains(name); }

  const Experiment& experiment() const { return *experiment_; }
  StepGraph graph_of_step(int64_t step) const;

 private:
  void start_variables(const StepGraph& graph);
  std::map<std::string, HostTensor> inputs_of(const StepGraph& graph, const std::vector<double>& points) const;

  std::unique_ptr<Experiment> experiment_;
  ModelOptions options_;
  std::map<std::string, HostTensor> variables_;
  int64_t step_ = 0;
};

// What this class computes in double precision is that near to what is right.
inline constexpr double tolerance = 1e-12;

// What the experiment is refused with, at its first step at the latest; "accepted" if it is not.
std::string refusal_of(const std::string& yaml, const std::vector<double>& points = {});

// The YAML of `name: {inputs: {x: [1]}, layers: [dense]}` whose layer multiplies by `start` before training.
std::string line_network(const std::string& name, double start);

}  // namespace duel
