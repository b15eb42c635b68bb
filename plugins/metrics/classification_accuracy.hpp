// What a classifier that learns from the fakes makes of the reals.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// The classification accuracy score (Ravuri and Vinyals, Classification accuracy score for conditional generative
// models, 2019): a classifier is trained on labelled fakes, and the score is the share of labelled reals that it puts
// into their class, with its binomial standard error over the reals. The classifier is multinomial logistic regression
// on the given features (softmax_regression.hpp), standardised by the fakes, where the paper trains a deep network on
// the images: scores compare among like features alone. Deterministic. Reals of classes that the fakes lack count as
// wrong, with a warning; one tells, too, when the iterations do not suffice. Throws UserError(ExitCode::data) for reals
// of a single class.
class ClassificationAccuracyScore final : public Metric {
 public:
  double decay = 1e-3;
  int64_t iterations = 1000;

  MetricNeeds needs() const override { return {SideNeed::labelled_rows, SideNeed::labelled_rows}; }
  std::vector<MetricOutput> outputs() const override { return {{"classification_accuracy_score", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<ClassificationAccuracyScore>& d);
};

}  // namespace duel
