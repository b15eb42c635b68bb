// When in the step each item is computed, counted in waves. Items of one stage that walk over the same space can be one
// tile program.
#pragma once

#include "plan/items.hpp"

namespace duel {

// An item's stage is at least that of each operand, and later where the operand must be finished first: the result of
// a kernel or of a reduction, or anything that a kernel reads. What lies in memory already has stage 0. Items are
// computed as late as their readers allow wherever that does not keep more memory alive than it saves: a mask for the
// backward pass is computed there and not kept from the forward pass.
void assign_stages(Items& items);

// Does `reader` have to wait until all of `operand` is computed?
bool waits_for(const Item& reader, const Item& operand);

}  // namespace duel
