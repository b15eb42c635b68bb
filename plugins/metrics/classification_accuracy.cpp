#include "plugins/metrics/classification_accuracy.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "data/errors.hpp"
#include "plugins/metrics/share.hpp"
#include "plugins/metrics/softmax_regression.hpp"

namespace duel {
namespace {

std::vector<std::string> warnings_of(const SoftmaxRegression& classifier, const std::set<int64_t>& real_classes) {
  std::vector<std::string> warnings;
  std::vector<int64_t> lacking;
  std::ranges::set_difference(real_classes, classifier.classes, std::back_inserter(lacking));
  if (!lacking.empty()) {
    warnings.push_back(
        fmt::format("the fakes lack {} of the {} classes of the reals, class {} for one: such reals count as wrong",
                    lacking.size(), real_classes.size(), lacking.front()));
  }
  if (!classifier.converged) {
    warnings.push_back(
        fmt::format("the classifier has not settled after {} iterations (slope {:.1e}): more of them, or a larger "
                    "decay, may change the score",
                    classifier.iterations, classifier.slope));
  }
  return warnings;
}

}  // namespace

std::vector<EvaluationRecord> ClassificationAccuracyScore::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  const std::set<int64_t> real_classes(real.labels().begin(), real.labels().end());
  if (real_classes.size() < 2) {
    fail_data(real.place(), "all its examples are of one class, and classification_accuracy_score needs 2 or more");
  }
  const Standardisation standardisation(fake);
  const SoftmaxRegression classifier = fit_softmax_regression(fake, standardisation, decay, iterations);
  const std::vector<int64_t> labels = classify(classifier, standardisation, real);
  int64_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += labels[i] == real.labels()[i];
  EvaluationRecord record = share_record("classification_accuracy_score", right, real.count());
  record.warnings = warnings_of(classifier, real_classes);
  record.protocol.parameters = {{"decay", format_number(decay)}, {"iterations", std::to_string(iterations)}};
  return {record};
}

void ClassificationAccuracyScore::declare(Declaration<ClassificationAccuracyScore>& d) {
  d.help("share of the reals that logistic regression puts into their class when trained on labelled fakes");
  d.reference("Ravuri and Vinyals, Classification accuracy score for conditional generative models (2019)");
  d.parameter("decay", &ClassificationAccuracyScore::decay,
              "factor of half the squared weights, added to the mean cross-entropy")
      .above(0);
  d.parameter("iterations", &ClassificationAccuracyScore::iterations, "of L-BFGS at most").min(1).max(1000000);
}

}  // namespace duel
