// What weights start with.
#pragma once

#include <span>

#include "base/random.hpp"
#include "base/shape.hpp"
#include "registry/parameters.hpp"

namespace duel {

// Connections into and out of one unit: for a dense weight [in, out] they are in and out; for a convolution
// [h, w, in, out] h·w·in and h·w·out. A bias has those of the weight that it goes with.
struct Fans {
  int64_t in = 1;
  int64_t out = 1;
};
// By the rule above, from the shape of a weight.
Fans fans_of(const Shape& weight);

// Pure: the same stream gives the same values. `values` is row-major and as large as `shape`.
class Initializer {
 public:
  virtual ~Initializer() = default;
  virtual void fill(std::span<double> values, const Shape& shape, const Fans& fans, RandomStream& random) const = 0;
};

}  // namespace duel
