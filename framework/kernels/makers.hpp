// The makers that select.cpp chooses among: one or two a source file. For this room's sources and tests only.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/dtype.hpp"
#include "base/shape.hpp"
#include "kernels/kernel.hpp"
#include "ops/taps.hpp"
#include "ops/window.hpp"

namespace duel {

// ── matmul.cpp ─────────────────────────────────────────────────────────────────────────────────────────────────────
// batch × [rows, inner] × [inner, columns]; a transposed side is stored the other way round.
struct MatmulShape {
  int64_t batch = 1;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t inner = 0;
  bool transpose_a = false;
  bool transpose_b = false;
};
std::unique_ptr<Kernel> make_matmul_kernel(DType dtype, const MatmulShape& shape);

// ── convolution_gemm.cpp, convolution_onednn.cpp, convolution_turned.cpp ───────────────────────────────────────────
// Which of the three tensors of a convolution is computed from the other two.
enum class Direction : uint8_t { forward, input_gradient, weight_gradient };
// By products of matrices: neighbourhoods of pixels are laid out as rows, a few at a time. Any type and shape.
std::unique_ptr<Kernel> make_gemm_convolution(DType dtype, Direction direction, const ConvolutionShape& shape);
// By oneDNN, float32 only; fails a check where duel was built without it.
bool onednn_is_built_in();
std::unique_ptr<Kernel> make_onednn_convolution(Direction direction, const ConvolutionShape& shape);

// The same through a convolution with images and outputs exchanged; of stride 1 and forward or weight_gradient.
bool can_turn(Direction direction, const ConvolutionShape& shape);
std::unique_ptr<Kernel> make_turned_convolution(DType dtype, Direction direction, const ConvolutionShape& shape);

// ── resample.cpp ───────────────────────────────────────────────────────────────────────────────────────────────────
std::unique_ptr<Kernel> make_resample_kernel(DType dtype, const Shape& input, int axis, const Taps& taps);

// ── pool.cpp ───────────────────────────────────────────────────────────────────────────────────────────────────────
std::unique_ptr<Kernel> make_max_pool_kernel(DType dtype, bool put, const ConvolutionShape& shape);

// ── random.cpp ─────────────────────────────────────────────────────────────────────────────────────────────────────
enum class Distribution : uint8_t { uniform, normal };
// clock: turn and repeat; the step comes with the run.
std::unique_ptr<Kernel> make_random_kernel(DType dtype, Distribution distribution, uint64_t key, const DrawClock& clock,
                                           int64_t elements);

// ── movement.cpp ───────────────────────────────────────────────────────────────────────────────────────────────────
// Input i, or a part of it, into a part of the output: one stride an extent on each side, in elements.
struct Move {
  int input = 0;
  std::vector<int64_t> extents;
  std::vector<int64_t> from_strides;
  std::vector<int64_t> to_strides;
  int64_t from = 0;  // offset of the first element
  int64_t to = 0;
};
// `name` is for describe(). The moves must not overlap in the output.
std::unique_ptr<Kernel> make_move_kernel(DType dtype, std::string name, std::vector<Move> moves);
std::unique_ptr<Kernel> make_pad_kernel(DType dtype, const Shape& input, std::span<const int64_t> before,
                                        std::span<const int64_t> after);

// ── rows.cpp ───────────────────────────────────────────────────────────────────────────────────────────────────────
// Of `count` indices into a table of `rows` rows of `width` elements.
std::unique_ptr<Kernel> make_gather_kernel(DType dtype, int64_t rows, int64_t width, int64_t count);
std::unique_ptr<Kernel> make_scatter_add_kernel(DType dtype, int64_t rows, int64_t width, int64_t count);

// ── fill.cpp ───────────────────────────────────────────────────────────────────────────────────────────────────────
// Element i is start + i · step.
std::unique_ptr<Kernel> make_fill_kernel(DType dtype, int64_t elements, double start, double step);

}  // namespace duel
