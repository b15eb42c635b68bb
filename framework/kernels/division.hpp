// How many pieces of a size cover a range.
#pragma once

#include <cstdint>

namespace duel {

constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace duel
