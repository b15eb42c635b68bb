#include "plugins/losses/classes.hpp"

#include "plugins/losses/match.hpp"

namespace duel {
namespace {

constexpr int64_t classes_axis[] = {-1};

}  // namespace

// Taking the largest logit away changes neither value nor derivative, and keeps the exponentials in range.
Tensor log_softmax(const Tensor& logits) {
  const Tensor shifted = logits - stop_gradient(max(logits, classes_axis, true));
  return shifted - log(sum(exp(shifted), classes_axis, true));
}

Tensor class_indicator(std::string_view loss, const Tensor& labels, const Tensor& logits) {
  Shape one_each = logits.shape();
  one_each[-1] = 1;
  const Tensor column = match_shape(loss, labels, constant(logits.graph(), 0, one_each));
  return equal(column, iota(logits.graph(), logits.shape()[-1]));
}

}  // namespace duel
