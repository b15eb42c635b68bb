// FID without its bias in the number of samples.
#pragma once

#include "evaluate/metric.hpp"

namespace duel {

// FID∞ (Chong and Forsyth, Effectively unbiased FID and inception score and where to find them, 2020): FID of `points`
// subsets of the fakes, of sizes evenly from `smallest` to all, regressed on 1/size; the value is the intercept, its
// uncertainty the standard error of that. Each subset is drawn anew, without replacement. May be negative.
class FidInfinity final : public Metric {
 public:
  int64_t points = 15;
  std::optional<int64_t> smallest;  // a tenth of the fakes

  MetricNeeds needs() const override;
  std::vector<MetricOutput> outputs() const override { return {{"fid_infinity", Better::lower}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override;
  static void declare(Declaration<FidInfinity>& d);

 private:
  int64_t smallest_of(int64_t fakes) const;
};

// The least-squares line through points (x, y), at least three with different x: its value at 0 and the standard error.
struct Intercept {
  double value = 0;
  double error = 0;
};
Intercept intercept_of(std::span<const double> x, std::span<const double> y);

}  // namespace duel
