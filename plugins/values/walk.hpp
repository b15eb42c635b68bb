// Ways between latents.
#pragma once

#include <string>

#include "registry/value.hpp"

namespace duel {

// Rows on the way from one row of x to the next, `steps` of them each: row i is the share (i mod steps)/steps of the
// way from row i/steps to the row behind it; as many rows as x has. linear: along the straight line. spherical: on the
// great circle, by sin((1−t)ω)/sin ω and sin(tω)/sin ω with the angle ω between the two (Shoemake 1985; White 2016 for
// latents, whose lengths it keeps), and along the line where they have one direction or opposite ones.
class WalkValue final : public ValueFunction {
 public:
  Expression x;
  int64_t steps = 8;
  std::string method = "linear";

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<WalkValue>& d);
};

}  // namespace duel
