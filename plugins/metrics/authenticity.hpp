// Are the fakes new, or copies of what the generator was trained on?
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The share of the fakes that are authentic (Alaa et al., How faithful is your synthetic data? Sample-level metrics for
// evaluating and auditing generative models, 2022, section on authenticity), with its binomial standard error. A fake
// is authentic when it is farther from its nearest real than that real is from its own nearest other real; of equally
// near reals the first counts. As far is not farther, so that a copy is never authentic, not even of a real that is
// there twice. What lies beside such a real always is: its neighbour is at distance 0. A warning tells of them.
// The reals are to be the training set: copies of it score 0. Fresh samples of its distribution score 1 less the share
// of points that are the nearest of their nearest: ⅓ on a line, 0.38 in the plane, more in many dimensions (0.84 for
// 3000 normal points of 64). Compare with what held-out reals score. Euclidean distances of the features; pairs are
// walked in blocks: the memory is that of a few thousand rows. Throws UserError(ExitCode::data) for a single real.
class Authenticity final : public Metric {
 public:
  MetricNeeds needs() const override { return {.least_examples = 2}; }
  std::vector<MetricOutput> outputs() const override { return {{"authenticity", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<Authenticity>& d);
};

}  // namespace duel
