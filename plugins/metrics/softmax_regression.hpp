// Multinomial logistic regression on features.
#pragma once

#include "evaluate/features.hpp"
#include "plugins/metrics/lbfgs.hpp"
#include "plugins/metrics/row_block.hpp"

namespace duel {

// Brings each column to mean 0 and standard deviation 1 (divisor N) over the rows that it was made of. A column whose
// deviation there is rounding, ε·N of its mean or less, is only centred. Immutable; thread-safe.
class Standardisation {
 public:
  // Throws UserError(ExitCode::data) for numbers whose squares are beyond the range of doubles.
  explicit Standardisation(const FeatureMatrix& rows);
  // Rows of the range, standardised, to out [range.rows, width]. Throws UserError(ExitCode::data) for numbers more than
  // 10¹⁰⁰ deviations from the mean.
  void apply(const FeatureMatrix& rows, RowRange range, double* out) const;

 private:
  std::vector<double> mean_;
  std::vector<double> deviation_;
};

// A classifier that is linear in standardised features: the class of the first greatest of `weights`·x + `intercepts`.
struct SoftmaxRegression {
  std::vector<int64_t> classes;    // labels, ascending: those of the rows that it was fitted to
  std::vector<double> weights;     // [classes, width]
  std::vector<double> intercepts;  // [classes]; their sum is 0
  double slope = 0;                // largest element of the objective's gradient
  int64_t iterations = 0;
  bool converged = false;  // slope ≤ 10⁻⁸
};

// The minimum, by L-BFGS in float64 from 0 on, of the mean of −ln softmax(W x + b)[label] plus decay/2·‖W‖²: that of
// scikit-learn's multinomial LogisticRegression with C = 1/(decay·N). `rows` are labelled. Holds the standardised rows
// as doubles where `memory` bytes are enough, and makes them anew in each iteration where not. Runs on the threads of
// the enclosing ThreadPool::run; the same bits on any number of them, and with any memory.
SoftmaxRegression fit_softmax_regression(const FeatureMatrix& rows, const Standardisation& standardisation,
                                         double decay, int64_t iterations, int64_t memory = int64_t{512} << 20);

// The label that the classifier gives each row. Errors are those of Standardisation::apply.
std::vector<int64_t> classify(const SoftmaxRegression& classifier, const Standardisation& standardisation,
                              const FeatureMatrix& rows);

}  // namespace duel
