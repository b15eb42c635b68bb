// Step and sample graphs made runnable: planned, their memory checked, their variables started, their inputs resolved.
// For framework/train's own sources.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/session.hpp"
#include "train/weights.hpp"

namespace duel {

// How the experiment's `data:` section feeds a loader.
LoaderOptions loader_options(const Experiment& experiment);
std::unique_ptr<Loader> make_loader(const Experiment& experiment, std::shared_ptr<const Dataset> dataset);

// Runs `work`, which opens or reads the data: its errors then say, besides, where the experiment names the data.
[[noreturn]] void rethrow_at_data(const Experiment& experiment, const UserError& error);
template <class Work>
decltype(auto) at_data(const Experiment& experiment, Work&& work) {
  try {
    return work();
  } catch (const UserError& error) {
    rethrow_at_data(experiment, error);
  }
}

struct TrainingLength {
  std::optional<double> steps_per_epoch;  // nothing for data without end, or without data
  int64_t total_steps = 0;
};
// `loader` is null without data. Throws UserError for epochs that there are not, and for a step whose batches would be
// of unequal size: they cannot share a graph.
TrainingLength training_length(const Experiment& experiment, const Loader* loader);

class StepExecutable {
 public:
  StepExecutable(StepGraph graph, uint64_t seed, VariableStore& variables, ThreadPool& pool,
                 std::optional<int64_t> memory_limit);

  // An input that takes a field of a batch.
  struct FieldInput {
    int64_t draw = 0;
    std::size_t field = 0;
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
  // Resolves names once, so that a step looks nothing up.
  void bind(const Experiment& experiment, const std::vector<DataField>& data_fields);

  StepGraph step;                             // its graph is empty: only the plan is kept
  std::vector<LoadedWeights> loaded_weights;  // what its new variables started from
  Executable executable;
  std::vector<FieldInput> fields;
  std::vector<NumberInput> numbers;
};

class SampleExecutable {
 public:
  SampleExecutable(StepGraph graph, const Experiment& experiment, std::shared_ptr<const Dataset> dataset,
                   const SampleSpec& spec, const std::vector<DataField>& fields, VariableStore& variables,
                   ThreadPool& pool, std::optional<int64_t> memory_limit);
  SampleValues run(uint64_t step, const Clock& clock);
  const std::vector<LoadedWeights>& loaded_weights() const { return step_.loaded_weights; }

 private:
  StepExecutable step_;
  std::unique_ptr<Loader> loader_;  // of `count` rows in the training's order, when the sample shows data
  bool fixed_latent_ = true;
  bool has_reference_ = false;
};

}  // namespace duel
