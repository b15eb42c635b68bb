// Evaluates a training, or a trained run, as one of the experiment's `evaluate:` entries says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "evaluate/evaluate.hpp"
#include "train/session.hpp"

namespace duel {

// How far an evaluation is: examples computed, of both sides.
using EvaluationProgress = std::function<void(int64_t done, int64_t total)>;

// One thread uses it. Computes with the session's variables and threads, and changes nothing of the training. The same
// weights give the same records, whenever, and on any number of threads.
class Evaluation {
 public:
  // `session` and `spec` must outlive it. Throws UserError for what cannot be evaluated: a side or labels that a metric
  // needs and the entry does not give, a network or layer that is not there, fewer examples than are asked for.
  // `floors` may be null: floors are then computed each time.
  Evaluation(Session& session, const EvaluationSpec& spec, const Registry& registry, const FloorCache* floors);
  ~Evaluation();

  const EvaluationSpec& spec() const;
  // Throws what run() would of the reals' first examples: images whose values are beyond the entry's range.
  void rehearse();
  // Throws UserError (see FeatureMatrix and Metric), ExitCode::diverged for values that are no numbers.
  std::vector<EvaluationRecord> run(const EvaluationProgress& progress = {});

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// The records that the entry makes, in their order.
std::vector<MetricOutput> outputs_of(const EvaluationSpec& spec);

}  // namespace duel
