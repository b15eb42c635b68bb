// Counts what the program takes from the heap.
#pragma once

#include <cstdint>
#include <optional>

namespace duel {

// Calls of malloc, calloc, realloc and their aligned kin since the start, by any thread; operator new and the libraries
// come there too. Nothing in builds with sanitizers, which bring their own heap.
std::optional<int64_t> allocations_so_far();

}  // namespace duel
