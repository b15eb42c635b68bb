// How the elements of an iteration space, counted in row-major order, lie in some tensor's memory. Broadcasts and
// reductions are nothing else than such patterns, so they need no memory of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/shape.hpp"

namespace duel {

// One loop: `extent` steps of `stride` elements; stride 0 stays where it is.
struct Axis {
  int64_t extent = 1;
  int64_t stride = 0;
  bool operator==(const Axis&) const = default;
};

// Nested loops, outermost first, in canonical form: no extent of 1, neighbours joined where they run as one loop. So
// two patterns are the same exactly when they compare equal. One element: no loops.
using Access = std::vector<Axis>;

Access canonical(std::span<const Axis> axes);
Access dense_access(int64_t elements);
bool is_dense(const Access& access);
int64_t elements_of(const Access& access);

// Where in a tensor of shape `from` the elements of its broadcast to `to` lie.
Access broadcast_access(const Shape& from, const Shape& to);
// Where in the result the elements of a tensor of shape `from` go when `axes` are folded: stride 0 along these.
Access fold_access(const Shape& from, std::span<const int64_t> axes);
// `outer` counts in elements of a space that itself lies in memory as `inner` says. Nothing when that is no pattern of
// loops.
std::optional<Access> compose(const Access& outer, const Access& inner);

// The extents of nested loops over a space.
using Loops = std::vector<int64_t>;

// The coarsest loops of which both `loops` and `access` are made; nothing when their bounds cross.
std::optional<Loops> refine(const Loops& loops, const Access& access);
// The strides of `access` along `loops`, which refine it.
std::vector<int64_t> strides_along(const Loops& loops, const Access& access);

}  // namespace duel
