// Scores of a trained run, asked for later: its experiment, a checkpoint and the data are enough.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/asked_metrics.hpp"
#include "train/evaluation.hpp"

namespace duel {

// What is asked for instead of what the run's experiment says.
struct EvaluationRequest {
  std::string name;        // which of its evaluations; empty: all, or one made of the first sample where it has none
  std::string real, fake;  // expressions; empty: those of the evaluation
  std::string real_labels, fake_labels;  // likewise
  std::string metrics;                   // names with commas between; empty: those of each evaluation
  std::vector<std::string> overrides;    // of their parameters: METRIC.PARAMETER=VALUE
  std::optional<FeatureSpec> features;
  std::optional<int64_t> count;
  std::optional<uint64_t> seed;
  std::optional<Mode> mode;
  std::optional<int64_t> standing_statistics;  // passes; see EvaluationSpec
  std::vector<int64_t> steps;                  // of the checkpoints, each evaluated; none: the newest
  bool every_checkpoint = false;
  int threads = 0;
  bool save = true;  // into the run's folder evaluations/
};

struct EvaluatedRun {
  int64_t step = 0;
  std::string name;  // of the evaluation
  std::vector<EvaluationRecord> records;
  std::filesystem::path file;  // empty when it was not saved
};

class EvaluationListener {
 public:
  virtual ~EvaluationListener() = default;
  virtual void evaluating(int64_t step, int64_t done, int64_t total) = 0;
  virtual void evaluated(const EvaluatedRun& done) = 0;
  virtual void warned(const std::string& text) = 0;
};

// Throws UserError for a folder without a run or that checkpoint, and for requests that do not fit. The run's own files
// are only read: it may be training meanwhile.
void evaluate_run(const std::filesystem::path& folder, const Registry& registry, const EvaluationRequest& request,
                  const FloorCache* floors, EvaluationListener& listener);

}  // namespace duel
