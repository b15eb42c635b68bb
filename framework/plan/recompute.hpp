// Cheap values that one stage computes and later ones read again are computed again there, when what they are made of
// lies there anyway: a leaky ReLU's input scaled by its slope is one multiplication, and a whole tensor to keep.
#pragma once

#include "plan/items.hpp"

namespace duel {

// Adds copies of items at the stages of their late readers. Stages are assigned before.
void recompute(Items& items);

}  // namespace duel
