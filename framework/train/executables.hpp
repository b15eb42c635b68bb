// Step and sample graphs made runnable: planned, their memory checked, their variables started, their inputs resolved.
// For framework/train's own sources.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/problems.hpp"
#include "train/session.hpp"
#include "train/weights.hpp"

namespace duel {

// How the experiment's `data:` section feeds a loader.
LoaderOptions loader_options(const Experiment& experiment);
// Opens a loader of the examples that never train: in order, all of them, not augmented.
std::unique_ptr<Loader> make_test_loader(const Experiment& experiment, const OpenedData& data, int64_t rows);
std::unique_ptr<Loader> make_loader(const Experiment& experiment, std::shared_ptr<const Dataset> dataset);

// Runs `work`, which opens or reads the data: its errors then say, besides, where the experiment names the data.
template <class Work>
decltype(auto) at_data(const Experiment& experiment, Work&& work) {
  try {
    return work();
  } catch (const UserError& error) {
    rethrow_at(experiment.data.train_where, "data.train", error);
  }
}

// How long the phases are, and what a pass over the data is in each.
struct TrainingLength {
  std::vector<int64_t> phase_steps;
  std::vector<double> steps_per_epoch;  // of each phase; empty for data without end, or without data
  int64_t total_steps = 0;
};
// `loader` is null without data. Throws UserError for epochs that there are not, and for a step whose batches would be
// of unequal size: they cannot share a graph.
TrainingLength training_length(const Experiment& experiment, const Loader* loader);

// Throws UserError(ExitCode::experiment) for a variable that a checkpoint does not hold.
[[noreturn]] void fail_unknown(const VariableStart& start);

class StepExecutable {
 public:
  // Throws UserError for a plan over the memory limit, and for a variable that has no first value (see Workplace).
  StepExecutable(StepGraph graph, uint64_t seed, const Workplace& place);

  // An input that takes a field of a batch.
  struct FieldInput {
    int64_t draw = 0;
    std::size_t field = 0;
    bool test = false;
    DType dtype = DType::float32;
    std::byte* memory = nullptr;
    void write(const Batch& batch) const;
  };
  struct NumberInput {
    std::function<double(const Clock&)> value;
    const PlayerSpec* player = nullptr;
    int64_t updates_before = 0;
    DType dtype = DType::float32;
    std::byte* memory = nullptr;
    void write(double number) const;
  };
  // The metrics of a step as they are recorded, NaN for those that it does not have. Throws Divergence(step) at the
  // first loss, metric or gradient that is no number.
  void read_results(int64_t at_step, std::vector<double>& metrics) const;

  // Resolves names once, so that a step looks nothing up.
  void bind(const Experiment& experiment, const std::vector<DataField>& data_fields);

  StepGraph step;                             // its graph is empty: only the plan is kept
  std::vector<LoadedWeights> loaded_weights;  // what its new variables started from
  Executable executable;
  std::vector<FieldInput> fields;
  std::vector<NumberInput> numbers;
  std::vector<std::size_t> metric_places;    // of step.metrics, in recorded_names
  std::vector<std::size_t> gradient_places;  // of the series of step.checks; behind the last: hidden by a metric
};

// Values that are computed outside of any turn (build_values), with the examples that they read.
class ValueExecutable {
 public:
  struct Feed {
    LoaderOptions training;  // how examples of the training part come; batch, last and prefetch are set here
    int64_t rows = 0;        // of a batch, as the graph has them
    int64_t examples = 0;    // that will be asked for: fewer in the data are an error of the experiment
    Position where;
    std::string path;
  };
  ValueExecutable(StepGraph graph, const Experiment& experiment, const OpenedData& data, const Feed& feed,
                  const Workplace& place);

  // With batch `batch` of the examples; those of data.test come in the data's order and are not augmented. `noise` is
  // the clock of the random operations.
  void run(uint64_t noise, int64_t batch, const Clock& clock);
  HostTensor output(const std::string& name) const;
  const Shape& shape(const std::string& output) const;
  // Are examples of the training part read, or those of data.test?
  bool reads(bool test) const { return (test ? test_ : training_) != nullptr; }
  // Do the values of a batch depend on nothing but the data?
  bool is_constant() const { return constant_; }
  const std::vector<LoadedWeights>& loaded_weights() const { return step_.loaded_weights; }

 private:
  void open_loaders(const Experiment& experiment, const OpenedData& data, const Feed& feed);

  bool constant_;  // before step_, which is made of the graph that tells it
  StepExecutable step_;
  std::unique_ptr<Loader> training_, test_;  // null where nothing of that part is read
};

}  // namespace duel
