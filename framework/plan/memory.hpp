// Offsets in the arena for what lies there: values and workspaces. A value's memory is free again after the last launch
// that reads it; the calls of one launch never share any.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/draft.hpp"

namespace duel {

// A piece of the arena, in use from launch `first` through launch `last`.
struct Piece {
  int first = 0;
  int last = 0;
  int64_t bytes = 0;
  int64_t offset = 0;  // set by pack
};

// Gives each piece an offset, aligned to 64 bytes, so that no two pieces in use at once overlap; returns the bytes of
// the arena. The largest come first, each into the smallest gap that holds it.
int64_t pack(std::vector<Piece>& pieces);

struct ArenaLayout {
  std::vector<int64_t> workspace_offsets;  // by step; 0 where there is none
  int64_t bytes = 0;
};

// Sets the offsets of the values at home in the arena. A step's result takes the place of an input that dies with it
// where the kernel allows that.
ArenaLayout lay_out_arena(Draft& draft, const std::vector<int>& launches);

}  // namespace duel
