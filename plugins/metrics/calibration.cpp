#include "plugins/metrics/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "data/errors.hpp"
#include "plugins/metrics/scalars.hpp"

namespace duel {
namespace {

constexpr std::size_t bins = 15;

struct Outputs {
  std::vector<double> probabilities;  // of "real"
  int64_t above = 0;                  // the threshold

  double count() const { return static_cast<double>(probabilities.size()); }
  double share_above() const { return static_cast<double>(above) / count(); }
};

Outputs outputs_of(const FeatureMatrix& side, bool are_logits) {
  Outputs out;
  out.probabilities = scalars_of(side, "calibration");
  for (std::size_t i = 0; i < out.probabilities.size(); ++i) {
    double& value = out.probabilities[i];
    if (!are_logits && (value < 0 || value > 1)) {
      fail_data(side.place(), fmt::format("row {} (counted from 0) is no probability but {}", i, format_number(value)),
                "give probabilities of \"real\", or calibration.outputs=logits");
    }
    // Of the logit itself: 0 and the smallest logits above it have one probability.
    out.above += value > (are_logits ? 0 : 0.5);
    if (are_logits) value = 1 / (1 + std::exp(-value));
  }
  return out;
}

std::size_t bin_of(double probability) {
  const auto above = static_cast<int64_t>(std::ceil(probability * bins)) - 1;
  return static_cast<std::size_t>(std::clamp<int64_t>(above, 0, bins - 1));
}

struct Errors {
  std::array<double, bins> excess{};  // of truth over probability, weighed
  double squares = 0;

  void add(const Outputs& side, double truth) {
    const double weight = 0.5 / side.count();
    for (const double probability : side.probabilities) {
      const double error = truth - probability;
      excess[bin_of(probability)] += weight * error;
      squares += weight * error * error;
    }
  }
};

EvaluationRecord calibration_record(const std::string& metric, double value, const std::string& outputs) {
  EvaluationRecord record;
  record.metric = metric;
  record.value = value;
  record.protocol.parameters = {{"outputs", outputs}};
  return record;
}

double variance_of(const Outputs& side) { return side.share_above() * (1 - side.share_above()) / side.count(); }

}  // namespace

std::vector<EvaluationRecord> Calibration::evaluate(const EvaluationInput& input) const {
  const bool are_logits = outputs_are == "logits";
  const Outputs real = outputs_of(*input.real.rows, are_logits), fake = outputs_of(*input.fake.rows, are_logits);
  Errors errors;
  errors.add(real, 1);
  errors.add(fake, 0);
  double calibration_error = 0;
  for (const double excess : errors.excess) calibration_error += std::abs(excess);
  EvaluationRecord accuracy =
      calibration_record("discriminator_accuracy", (real.share_above() + (1 - fake.share_above())) / 2, outputs_are);
  accuracy.uncertainty = std::sqrt(variance_of(real) + variance_of(fake)) / 2;
  accuracy.uncertainty_kind = "standard error (binomial)";
  return {accuracy, calibration_record("calibration_error", calibration_error, outputs_are),
          calibration_record("brier", errors.squares, outputs_are)};
}

void Calibration::declare(Declaration<Calibration>& d) {
  d.help(
      "accuracy, calibration error (15 bins of the probability of \"real\") and Brier score of a discriminator by its "
      "outputs, "
      "one a row; three records");
  d.reference(
      "Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning (2015); Brier, "
      "Verification of forecasts expressed in terms of probability (1950)");
  d.parameter("outputs", &Calibration::outputs_are, "what the rows are, of \"real\"")
      .main()
      .one_of({"logits", "probabilities"});
}

}  // namespace duel
