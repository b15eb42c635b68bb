// Experiment → graphs: one graph for a step of training (every turn's forward, gradients, optimizer updates and
// averages), and one for each thing to be sampled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "registry/initializer.hpp"
#include "registry/schedule.hpp"
#include "spec/experiment.hpp"

namespace duel {

// A field of the opened data, after the transforms; shape of one example.
struct DataField {
  std::string name;
  Shape shape;
  int64_t classes = 0;
};

// Which of the graphs of a training: they differ in batch size, in the lazy terms that are due, in the players whose
// accumulated gradients are applied, and in the phase. Steps with equal variants share a graph.
struct StepVariant {
  int64_t batch = 0;
  std::vector<bool> due;  // one flag a lazy term (every > 1) and a turn with accumulation, in file order
  std::size_t phase = 0;
  auto operator<=>(const StepVariant&) const = default;
};

// An input of the graph that the host computes in double precision before each step.
struct HostNumber {
  std::string input;
  std::function<double(const Clock& clock)> value;
  std::string player;          // whose updates clock.updates counts; empty: none
  int64_t updates_before = 0;  // of that player within this step
};

// An input of the graph that takes a field of one of the step's batches.
struct DataInput {
  std::string input;
  std::string field;
  int64_t draw = 0;   // 0: the step's first batch; repeats of a turn take further ones
  bool test = false;  // of the examples that never train
};

// How a variable begins, when no checkpoint of the training holds it.
struct VariableStart {
  std::string name;
  Shape shape;
  std::shared_ptr<const Initializer> initializer;  // null: `constant` throughout
  Fans fans;
  double constant = 0;
  std::string stream;  // name of the random stream; copies of a weight share their original's
  // Read from there in place of all this (train/weights.hpp); null: nowhere.
  std::shared_ptr<const WeightsSpec> weights = nullptr;
  std::string network = {};   // the network that `weights` belongs to,
  std::string original = {};  // and the weight or statistic of it that this is, or is a copy of: networks/NETWORK/…
  WeightAxes axes = WeightAxes::example;
  bool is_state_of_value = false;  // what no step has set yet is as it starts, in samples of stored runs too
};

// Gradient elements summed by absolute value: no number exactly when some gradient is none.
struct GradientCheck {
  std::string output;
  std::string player;
  std::string weight;
  std::size_t turn = 0;  // index in played_turns; the checks of a turn follow each other
  std::string series;    // the record of the turn's gradients: gradient_name (model/turns.hpp)
  int64_t elements = 0;  // of the gradient
};

struct StepGraph {
  Graph graph;
  std::vector<HostNumber> numbers;
  std::vector<DataInput> data;
  std::vector<VariableStart> variables;
  std::vector<std::string> metrics;  // outputs to record: computed_names (model/turns.hpp) of its phase
  std::vector<GradientCheck> checks;
  int64_t batches = 0;  // data batches that a step draws
};

// What is known of the run when its graphs are made.
struct ModelOptions {
  DType dtype = DType::float32;
  uint64_t attempt = 0;  // raised by a rollback, so that noise differs
  std::vector<DataField> fields;
};

// Throw UserError(ExitCode::experiment) naming layers, values and terms whose shapes do not fit; a step also for an
// experiment that trains nothing.
StepGraph build_step(const Experiment& experiment, const ModelOptions& options, const StepVariant& variant);

// Expressions to be computed at the present weights, outside of any turn.
struct ValueRequest {
  std::string stream;  // what the names of their random streams begin with
  Mode mode = Mode::inference;
  int64_t rows = 0;  // of each: every source of noise or data gives so many
  std::vector<std::pair<std::string, const Expression*>> outputs;
  Position where;  // for messages
  std::string path;
};
// An output [rows, …] each. They may read data.test.
StepGraph build_values(const Experiment& experiment, const ModelOptions& options, const ValueRequest& request);

// A pass over the values, their networks in training mode, that moves running statistics alone: after passes whose
// clocks count 0, 1, … as `updates`, they are the mean of those of the passes' batches. No output. Throws UserError at
// the request where no statistics would move.
StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options, const ValueRequest& request);

// What a layer of a network makes of its only input, in inference mode: from the input `input` [rows, …] the output
// `features` [rows, …]. `layer` is a name within the network's own list, empty for the last. Throws UserError at the
// network for one with several inputs, or without that layer.
StepGraph build_features(const Experiment& experiment, const ModelOptions& options, const NetworkSpec& network,
                         const std::string& layer, int64_t rows);

// One output, `samples` [count, …], of the expression at the present weights; and `reference` where asked for with as
// many rows, from the inputs that `data` names (count rows of each field). Fixed latents: run it always with step 0.
StepGraph build_sample(const Experiment& experiment, const ModelOptions& options, const SampleSpec& sample);
// The output `reference` alone, for a sample that asks for another number of these; else nothing.
std::optional<StepGraph> build_reference(const Experiment& experiment, const ModelOptions& options,
                                         const SampleSpec& sample);

// The standing pass (above) of a sample's value, or of an evaluation's generated side, whose batches have the
// training's size.
StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options, const SampleSpec& sample);
StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options,
                              const EvaluationSpec& evaluation);

// The variables that must be saved and loaded are those of the step graph: networks/NETWORK/LAYER/WEIGHT,
// optimizers/PLAYER/NETWORK/LAYER/WEIGHT/STATE, averages/NETWORK/LAYER/WEIGHT, accumulators/…, and of values, losses
// and metrics states/values/VALUE/FUNCTION/STATE, states/PATH/….

}  // namespace duel
