// What the records of all sources share: a source has no inputs, so its attribute `shape` says what shape it has.
#pragma once

#include <span>
#include <vector>

#include "graph/graph.hpp"

namespace duel {

inline std::vector<int64_t> extents(const Shape& shape) { return {shape.begin(), shape.end()}; }

inline Shape shape_attribute(const Attributes& attributes) {
  return Shape(std::span<const int64_t>(attributes.integers("shape")));
}

inline Shape shape_of_source(std::span<const Shape>, const Attributes& attributes) {
  return shape_attribute(attributes);
}

// Of every op that makes or moves elements and computes nothing.
inline double no_flops(const Node&, std::span<const Shape>) { return 0; }

}  // namespace duel
