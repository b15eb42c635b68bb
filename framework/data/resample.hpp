// Images at another size: a sparse matrix along each axis (ops/taps.hpp makes them) applied to pixels.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/taps.hpp"

namespace duel {

// From images of rows.inputs × columns.inputs pixels with so many channels to rows.outputs() × columns.outputs().
// Immutable; thread-safe with a scratch memory for each thread.
class ImageResampler {
 public:
  ImageResampler(Taps rows, Taps columns, int64_t channels);

  // Along rows first, then along columns, each sum in double precision; not rounded and not clipped: a cubic filter may
  // overshoot what it was given. `in` and `out` are distinct memory.
  void apply(const float* in, float* out, std::vector<float>& scratch) const;

 private:
  Taps rows_, columns_;
  int64_t channels_;
};

}  // namespace duel
