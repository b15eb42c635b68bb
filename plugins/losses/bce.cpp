#include "plugins/losses/bce.hpp"

#include <cmath>

#include "plugins/losses/match.hpp"
#include "plugins/losses/top_rows.hpp"

namespace duel {
namespace {

// max(log p, −100), with a derivative of 0 rather than 0/0 where p is 0. The comparison holds too where e^−100, which
// is denormal in single precision, is flushed to 0.
Tensor clamped_log(const Tensor& p) {
  constexpr double lowest = -100;
  const Tensor inside = greater(p, std::exp(lowest));
  return select(inside, log(select(inside, p, constant_like(p, 1))), constant_like(p, lowest));
}

}  // namespace

Tensor BinaryCrossEntropy::build(ValueContext& context) const {
  const Tensor prediction = context.evaluate(logits ? *logits : *probabilities);
  const Tensor given = match_shape("bce", context.evaluate(target), prediction);
  const Tensor t = turned(context, given) * (1 - smoothing) + smoothing / 2;
  const Tensor terms = logits ? t * softplus(-prediction) + (1 - t) * softplus(prediction)
                              : -(t * clamped_log(prediction) + (1 - t) * clamped_log(1 - prediction));
  return mean_of_top(context, terms, prediction, *top);
}

Tensor BinaryCrossEntropy::turned(ValueContext& context, const Tensor& t) const {
  if (flip->is_constant() && flip->at({}) == 0) return t;
  Shape one_a_row = t.shape();
  for (int axis = 1; axis < one_a_row.rank(); ++axis) one_a_row[axis] = 1;
  const RandomSource source = context.random("flip", context.redraws_each_turn());
  const Tensor drawn = random_uniform(context.graph(), source, one_a_row);
  return t + less(drawn, context.number(*flip)) * (1 - 2 * t);
}

std::optional<Judgement> BinaryCrossEntropy::judgement() const {
  if (target.kind != Expression::Kind::number || target.number < 0 || target.number > 1) return std::nullopt;
  const double t = target.number * (1 - smoothing) + smoothing / 2;
  const auto surprise = [](double p) { return p > 0 ? -p * std::log(p) : 0.0; };
  return Judgement{target.number > 0.5, target.number < 0.5, surprise(t) + surprise(1 - t), std::log(2.0)};
}

std::string BinaryCrossEntropy::conflict() const {
  return logits.has_value() == probabilities.has_value() ? "give exactly one of 'logits' and 'probabilities'" : "";
}

void BinaryCrossEntropy::declare(Declaration<BinaryCrossEntropy>& d) {
  d.help("binary cross-entropy of logits or of probabilities: mean(-t·log p - (1-t)·log(1-p))");
  d.parameter("logits", &BinaryCrossEntropy::logits, "what a sigmoid would turn into probabilities; the exact form");
  d.parameter("probabilities", &BinaryCrossEntropy::probabilities,
              "numbers in [0, 1], as behind a sigmoid; their logarithms are clamped at -100");
  d.parameter("target", &BinaryCrossEntropy::target, "1 for real, 0 for fake, or a value of the prediction's shape")
      .required();
  d.parameter("smoothing", &BinaryCrossEntropy::smoothing, "label smoothing s: the target t becomes t·(1-s) + s/2")
      .min(0)
      .max(1);
  d.parameter("flip", &BinaryCrossEntropy::flip,
              "probability, for each row, that its target t becomes 1-t; may be a schedule")
      .default_value("0")
      .min(0)
      .max(1);
  declare_top(d, "over this share of the rows, those of the greatest predictions; may be a schedule");
}

}  // namespace duel
