// A training in memory: the experiment's graphs made runnable, its variables, its data. Steps, samples and states; it
// knows nothing of files (train/run.hpp does).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "data/loader.hpp"
#include "engine/engine.hpp"
#include "model/step.hpp"
#include "store/checkpoint.hpp"

namespace duel {

// The experiment's data, opened. `dataset` is null when it uses none.
struct OpenedData {
  std::shared_ptr<const Dataset> dataset;
  std::shared_ptr<const Dataset> test;  // what data.test names; null: the part of `dataset` that is held out
  std::vector<DataField> fields;        // after the transforms
  std::string fingerprint;              // "" without data
};
// Throws UserError: ExitCode::data for the files, ExitCode::experiment for transforms that do not fit.
OpenedData open_data(const Experiment& experiment);
// "3 bad files are left out of the data; the first: …", or nothing.
std::optional<std::string> data_warning(const OpenedData& data);
// "12 of the 1000 examples of data.test are also among those that train", or nothing. Reads all of both.
std::optional<std::string> leakage_warning(const Experiment& experiment, const OpenedData& data);
// What a check must know of the data: without the data set itself if its parameters tell the fields and no question
// needs its size.
OpenedData known_data(const Experiment& experiment);
// What known_data gave with the data set in any case.
OpenedData whole_data(const Experiment& experiment, OpenedData known);
// How many examples evaluations find in the training part, or in that which never trains; nothing without end, and
// where the data set is not opened.
std::optional<int64_t> examples_for_evaluation(const Experiment& experiment, const OpenedData& data, bool test);
// Adds a problem when the data cannot feed the training asked for: too few examples, no end and yet epochs.
void check_training_length(const Experiment& experiment, const OpenedData& data, Problems& problems);

// Those of the last two load a state next: what the networks' `weights:` name, which may be gone, is left alone.
enum class SessionUse {
  trains,
  resumes,
  looks,  // at that state: a variable that it does not hold is refused, and never has its initial value
};

struct SessionOptions {
  int threads = 0;                // 0: the experiment's
  std::optional<int64_t> memory;  // instead of the experiment's
  SessionUse use = SessionUse::trains;
  std::optional<OpenedData> data{};  // the experiment's, if it is open already: opening reads and hashes all of it
};

// What graphs are made runnable in.
struct Workplace {
  VariableStore& variables;
  ThreadPool& pool;
  std::optional<int64_t> memory_limit;
  // What becomes of variables that are not in the store yet, and whose network has no `weights:`.
  enum class Others { started, refused } others = Others::started;
};

struct StepReport {
  int64_t step = 0;             // steps done, this one included
  std::vector<double> metrics;  // in the order of metric_names(); NaN for losses that the step's phase does not play
};

// Training diverged: a loss or gradient is no number. Nothing after the last checkpoint is good.
class Divergence : public UserError {
 public:
  Divergence(int64_t step, const std::string& what);
  int64_t step = 0;
};

// What a sample shows, ready to be drawn.
struct SampleValues {
  HostTensor samples;
  std::optional<HostTensor> reference;
};

// One thread uses it. Results do not depend on the number of engine threads.
class Session {
 public:
  // Throws UserError for what does not fit, a plan over the memory limit included: before anything large is allocated.
  Session(std::shared_ptr<const Experiment> experiment, const SessionOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Experiment& experiment() const;
  const std::vector<std::string>& metric_names() const;
  // So many of these are told as training goes on; the gradients behind them are only recorded.
  std::size_t told_metrics() const;
  int64_t step() const;  // steps done
  int64_t total_steps() const;
  double epoch() const;                         // passes over the data done; 0 without end
  const PhaseSpec& phase() const;               // of the step done last; before any, the first
  bool is_due(const Interval& interval) const;  // at the end of the step just done
  int64_t images_per_step() const;              // rows of data that the step done last has read

  // The report is valid until the next call.
  const StepReport& advance();
  SampleValues sample(const SampleSpec& spec);

  // Throws Divergence when a variable holds something that is no number: such a state is not worth saving.
  void check_finite() const;
  CheckpointState save() const;
  // Throws UserError when the state is another experiment's or another data set's: the first mismatch named.
  void load(const CheckpointState& state);
  // After a divergence: goes on from `state` with other noise.
  void roll_back(const CheckpointState& state);
  int64_t attempt() const;

  // For `duel bench` and provenance.
  const Plan& step_plan() const;  // of the step done last; before any, of the first
  // Times the calls of the step done last from now on, and what they took since.
  void profile();
  std::vector<Executable::CallTime> call_times() const;
  std::string weights_hash() const;
  const std::string& data_fingerprint() const;
  std::optional<std::string> data_warning() const;
  // What networks started from files that hold more than they have a place for.
  std::vector<std::string> weights_warnings() const;
  int threads() const;
  double seconds_waited_for_data() const;
  void run_inside_pool(const std::function<void()>& body);

  // For train/evaluation.cpp, which computes values of its own at the present weights.
  Workplace workplace();
  ThreadPool& pool();
  const OpenedData& data() const;
  Clock clock() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace duel
