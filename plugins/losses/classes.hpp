// Classes as losses take them: the last axis of logits.
#pragma once

#include <string_view>

#include "ops/ops.hpp"

namespace duel {

// log softmax over the last axis; in range however large the logits are.
Tensor log_softmax(const Tensor& logits);

// Of class indices `labels`, of the logits' shape without the classes: 1 at the class, 0 elsewhere, of the logits'
// shape. Other shapes throw a ShapeError that begins with `loss`.
Tensor class_indicator(std::string_view loss, const Tensor& labels, const Tensor& logits);

}  // namespace duel
