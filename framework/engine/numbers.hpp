// Numbers of a slot's type in memory ↔ doubles.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "plan/plan.hpp"

namespace duel {

std::vector<double> read_numbers(const Slot& slot, const std::byte* memory);
// As many values as the slot has elements; another number fails a check.
void write_numbers(const Slot& slot, std::byte* memory, std::span<const double> values);

}  // namespace duel
