#include "ops/upsampled_convolution.hpp"

#include <algorithm>
#include <vector>

#include "ops/ops.hpp"
#include "ops/records.hpp"

namespace duel {
namespace {

Tensor input_of(const Tensor& a) { return {a.graph(), a.node().inputs[0]}; }

struct Upsampled {
  Tensor source;  // [n, height, width, channels] before
  int64_t factor = 1;
};

// images = reshape(broadcast(reshape(source, [n, h, 1, w, 1, c]), [n, h, f, w, f, c]), [n, h·f, w·f, c])
std::optional<Upsampled> source_of(const Tensor& images) {
  if (images.node().op != &reshape_op()) return std::nullopt;
  const Tensor repeated = input_of(images);
  if (repeated.node().op != &broadcast_op() || repeated.rank() != 6) return std::nullopt;
  const Tensor thin = input_of(repeated);
  if (thin.rank() != 6 || thin.shape()[2] != 1 || thin.shape()[4] != 1) return std::nullopt;
  const Shape& shape = thin.shape();
  const int64_t factor = repeated.shape()[2];
  const Shape wanted{shape[0], shape[1] * factor, shape[3] * factor, shape[5]};
  const bool square = factor > 1 && repeated.shape()[4] == factor && images.shape() == wanted;
  if (!square || shape[0] != repeated.shape()[0] || shape[5] != repeated.shape()[5]) return std::nullopt;
  return Upsampled{reshape(thin, {shape[0], shape[1], shape[3], shape[5]}), factor};
}

// Along one axis, what the window sees from place `place` within a repeated pixel.
struct Phase {
  int64_t before = 0;
  int64_t after = 0;
  int64_t positions = 0;
  Taps sums;  // from the taps of the window to those of this phase
};

int64_t divide_down(int64_t a, int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

Phase phase_of(const ConvolutionShape& shape, std::size_t axis, int64_t factor, int64_t place) {
  const int64_t kernel = shape.kernel[axis], before = shape.how.before[axis];
  const int64_t first = divide_down(place - before, factor);
  const int64_t taps = divide_down(place + kernel - 1 - before, factor) - first + 1;
  Phase phase;
  phase.before = -first;
  phase.positions = (shape.output[axis] - place + factor - 1) / factor;
  phase.after = phase.positions + taps - 1 - shape.input[axis] / factor - phase.before;
  phase.sums.inputs = kernel;
  for (int64_t tap = 0, k = 0; tap < taps; ++tap) {
    phase.sums.starts.push_back(k);
    for (; k < kernel && divide_down(place + k - before, factor) - first == tap; ++k) {
      phase.sums.index.push_back(k);
      phase.sums.weight.push_back(1);
    }
  }
  phase.sums.starts.push_back(kernel);
  return phase;
}

}  // namespace

std::optional<Tensor> convolve_before_upsampling(const Tensor& images, const Tensor& weight,
                                                 const ConvolutionShape& shape) {
  const Convolution& how = shape.how;
  const Extent2 one{1, 1};
  if (how.stride != one || how.dilation != one || how.groups != 1) return std::nullopt;
  if (shape.kernel[0] < 2 || shape.kernel[1] < 2) return std::nullopt;
  const auto upsampled = source_of(images);
  if (!upsampled) return std::nullopt;
  const int64_t factor = upsampled->factor;
  // Outputs of all phases are laid into one another, so each must have as many.
  if (shape.output[0] % factor != 0 || shape.output[1] % factor != 0) return std::nullopt;

  std::vector<Phase> vertical, horizontal;
  for (int64_t place = 0; place < factor; ++place) {
    vertical.push_back(phase_of(shape, 0, factor, place));
    horizontal.push_back(phase_of(shape, 1, factor, place));
  }
  const auto fits = [](const Phase& phase) { return phase.before >= 0 && phase.after >= 0; };
  if (!std::ranges::all_of(vertical, fits) || !std::ranges::all_of(horizontal, fits)) return std::nullopt;

  std::vector<Tensor> rows;
  for (const Phase& down : vertical) {
    const Tensor partly = resample(weight, 0, down.sums);
    std::vector<Tensor> pixels;
    for (const Phase& across : horizontal) {
      const Tensor y = conv2d(upsampled->source, resample(partly, 1, across.sums),
                              {.before = {down.before, across.before}, .after = {down.after, across.after}});
      pixels.push_back(reshape(y, {shape.batch, down.positions, 1, across.positions, 1, shape.outputs}));
    }
    rows.push_back(concat(pixels, 4));
  }
  return reshape(concat(rows, 2), shape.outputs_shape());
}

}  // namespace duel
