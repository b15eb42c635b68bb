#include "plugins/losses/cross_entropy.hpp"

#include "graph/op.hpp"
#include "plugins/losses/classes.hpp"
#include "plugins/losses/match.hpp"

namespace duel {
namespace {

constexpr int64_t last_axis[] = {-1};

}  // namespace

Tensor CrossEntropy::build(ValueContext& context) const {
  const Tensor scores = context.evaluate(logits);
  if (scores.rank() < 2) {
    throw ShapeError("cross_entropy: the logits need a last axis of classes, and are " + to_string(scores.shape()));
  }
  const Tensor given =
      labels ? class_indicator("cross_entropy", context.evaluate(*labels), scores) : context.evaluate(*target);
  const double classes = static_cast<double>(scores.shape()[-1]);
  const Tensor t = match_shape("cross_entropy", given, scores) * (1 - smoothing) + smoothing / classes;
  return -mean(sum(t * log_softmax(scores), last_axis));
}

std::string CrossEntropy::conflict() const {
  return labels.has_value() == target.has_value() ? "give exactly one of 'labels' and 'target'" : "";
}

void CrossEntropy::declare(Declaration<CrossEntropy>& d) {
  d.help("cross-entropy of the softmax of logits over the last axis");
  d.parameter("logits", &CrossEntropy::logits, "unnormalised logarithms of probabilities, classes last").required();
  d.parameter("labels", &CrossEntropy::labels, "indices of the true classes, from 0");
  d.parameter("target", &CrossEntropy::target, "probabilities of the classes, of the logits' shape");
  d.parameter("smoothing", &CrossEntropy::smoothing, "label smoothing s: the target t becomes t·(1-s) + s/classes")
      .min(0)
      .max(1);
}

}  // namespace duel
