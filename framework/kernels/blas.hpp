// What this room knows about the matrix library. For this room's sources only; select.hpp has describe_blas().
#pragma once

#include <cstdint>

namespace duel {

// The largest rows × columns × inner of a product that OpenBLAS computes without packing its operands; 0 where the
// kernels that it chose cannot do that.
int64_t unpacked_product_limit();

}  // namespace duel
