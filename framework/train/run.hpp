// A training and its run folder: creates, trains, stops, resumes. See docs/run-folder.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "evaluate/evaluate.hpp"
#include "train/session.hpp"
#include "yaml/compose.hpp"

namespace duel {

struct BestCheckpoint {
  int64_t step = 0;
  std::filesystem::path file;
  std::string metric;  // EVALUATION.METRIC
  double value = 0;
};

// What happens while training, for whoever shows it. Called on the training thread.
class TrainListener {
 public:
  virtual ~TrainListener() = default;
  virtual void started(const Session& session, const std::filesystem::path& folder) = 0;
  virtual void stepped(const Session& session, const StepReport& report, double seconds) = 0;
  virtual void sampled(const std::filesystem::path& picture) = 0;
  // An evaluation has computed so many of its examples; and it is done.
  virtual void evaluating(int64_t done, int64_t total) = 0;
  virtual void evaluated(int64_t step, const std::string& name, std::span<const EvaluationRecord> records) = 0;
  virtual void saved(const std::filesystem::path& checkpoint) = 0;
  virtual void warned(const std::string& text) = 0;
  // The training ends, complete or stopped; this is the best checkpoint that it has kept, by `checkpoint.best`.
  virtual void kept_best(const BestCheckpoint& best) = 0;
  // Training is complete before its last step, and why.
  virtual void ended(const std::string& why) = 0;
};

struct RunOptions {
  std::filesystem::path folder;  // empty: runs/<name>/<time>-s<seed>
  SessionOptions session;
  std::vector<std::string> command_line;
  const FloorCache* floors = nullptr;  // where floors of evaluations are kept; must outlive the run
};

enum class TrainEnd {
  complete,
  stopped,
  was_complete  // before: a resume that found nothing to do, and has changed nothing
};

// Owns the folder's lock while it lives.
class Run {
 public:
  // A new run. Throws UserError: a folder that holds a run or something else already, that cannot be written
  // (ExitCode::storage) or that another process uses (ExitCode::in_use). Then no folder is left that was not there.
  static Run create(const Document& document, const Registry& registry, const RunOptions& options);
  // Takes up the run in `folder` at its newest sound checkpoint; `overrides` change its experiment (train.steps=…), but
  // not its seed. A run that is complete is left as it is. Throws UserError, besides, for an end of the training that
  // lies before that checkpoint: nothing is written then.
  static Run resume(const std::filesystem::path& folder, const Registry& registry,
                    const std::vector<std::string>& overrides, const RunOptions& options, TrainListener& listener);
  ~Run();
  Run(Run&&) noexcept;

  // Trains to the end, or until `stop` is set: the step is then finished and a checkpoint written. Throws Divergence
  // (the last good checkpoint stays), what train.on_collapse says (after a checkpoint), and storage errors. What has
  // exit code 4 is left in failure.txt.
  TrainEnd train(const std::atomic<bool>& stop, TrainListener& listener);

  const std::filesystem::path& folder() const;
  Session& session();

 private:
  struct Implementation;
  explicit Run(std::unique_ptr<Implementation> implementation);
  TrainEnd train_on(const std::atomic<bool>& stop, TrainListener& listener);
  std::unique_ptr<Implementation> implementation_;
};

// The local time, as folders and files of a run bear it: 20261122-031500.
std::string time_stamp();

// The step of the checkpoint that the run has kept as its best, as its newest sound checkpoint says. Throws
// UserError(ExitCode::experiment) for a run that keeps none.
int64_t best_step_of(const std::filesystem::path& folder);

}  // namespace duel
