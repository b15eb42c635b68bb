// Convolutions with few outputs, where oneDNN is slow: with images and outputs exchanged and the window turned round, a
// convolution of stride 1 is the input gradient of one with few channels, and its weight gradient that of one whose
// neighbourhoods are narrow. Products of matrices do these well.
#include <fmt/format.h>

#include "base/error.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

// The same relation read the other way round.
ConvolutionShape exchanged(const ConvolutionShape& shape) {
  ConvolutionShape other = shape;
  std::swap(other.input, other.output);
  std::swap(other.channels, other.outputs);
  for (const std::size_t axis : {0, 1}) {
    const int64_t reach = shape.how.dilation[axis] * (shape.kernel[axis] - 1);
    other.how.before[axis] = reach - shape.how.before[axis];
    other.how.after[axis] = reach - shape.how.after[axis];
  }
  return other;
}

// Weights [height, width, a, b] to [height, width, b, a], the window turned by half a turn.
std::unique_ptr<Kernel> make_turn(DType dtype, const Extent2& kernel, int64_t a, int64_t b) {
  const int64_t taps = kernel[0] * kernel[1];
  Move move{.extents = {taps, b, a}, .from_strides = {-a * b, 1, b}, .to_strides = {a * b, a, 1}};
  move.from = (taps - 1) * a * b;
  return make_move_kernel(dtype, "turn", {std::move(move)});
}

class TurnedForward final : public Kernel {
 public:
  TurnedForward(DType dtype, const ConvolutionShape& shape)
      : inner_(make_gemm_convolution(dtype, Direction::input_gradient, exchanged(shape))),
        turn_{make_turn(dtype, shape.kernel, shape.channels, shape.outputs),
              fmt::format("turned {}", to_string(shape.weight_shape())),
              shape.weight_shape().elements() * size_of(dtype)} {}

  std::string describe() const override { return "turned " + inner_->describe(); }
  int64_t tiles(int phase) const override { return inner_->tiles(phase); }
  int phases() const override { return inner_->phases(); }
  int64_t workspace_bytes() const override { return inner_->workspace_bytes(); }
  double flops() const override { return inner_->flops(); }
  std::optional<Packing> packing(int input) const override { return input == 1 ? std::optional(turn_) : std::nullopt; }
  void run(int phase, int64_t tile, const KernelArguments& arguments) const override {
    inner_->run(phase, tile, arguments);
  }

 private:
  std::unique_ptr<Kernel> inner_;
  Packing turn_;
};

class TurnedWeightGradient final : public Kernel {
 public:
  TurnedWeightGradient(DType dtype, const ConvolutionShape& shape)
      : inner_(make_gemm_convolution(dtype, Direction::weight_gradient, exchanged(shape))),
        turn_(make_turn(dtype, shape.kernel, shape.outputs, shape.channels)),
        result_bytes_((shape.weight_shape().elements() * size_of(dtype) + 63) / 64 * 64) {}

  std::string describe() const override { return "turned " + inner_->describe(); }
  int phases() const override { return inner_->phases() + 1; }
  int64_t tiles(int phase) const override { return is_last(phase) ? turn_->tiles(0) : inner_->tiles(phase); }
  int64_t workspace_bytes() const override { return result_bytes_ + inner_->workspace_bytes(); }
  double flops() const override { return inner_->flops(); }
  void run(int phase, int64_t tile, const KernelArguments& arguments) const override {
    std::byte* turned = arguments.workspace;
    if (is_last(phase)) {
      const std::byte* from = turned;
      return turn_->run(0, tile, {&from, arguments.outputs, nullptr, arguments.clock});
    }
    const std::byte* inputs[] = {arguments.inputs[1], arguments.inputs[0]};
    inner_->run(phase, tile, {inputs, &turned, arguments.workspace + result_bytes_, arguments.clock});
  }

 private:
  bool is_last(int phase) const { return phase == inner_->phases(); }

  std::unique_ptr<Kernel> inner_;
  std::unique_ptr<Kernel> turn_;
  int64_t result_bytes_;
};

}  // namespace

bool can_turn(Direction direction, const ConvolutionShape& shape) {
  if (direction == Direction::input_gradient || shape.how.groups != 1 || shape.how.stride != Extent2{1, 1}) {
    return false;
  }
  for (const std::size_t axis : {0, 1}) {
    const int64_t reach = shape.how.dilation[axis] * (shape.kernel[axis] - 1);
    if (shape.how.before[axis] > reach || shape.how.after[axis] > reach) return false;
  }
  return true;
}

std::unique_ptr<Kernel> make_turned_convolution(DType dtype, Direction direction, const ConvolutionShape& shape) {
  DUEL_CHECK(can_turn(direction, shape), "a convolution that cannot be turned");
  if (direction == Direction::forward) return std::make_unique<TurnedForward>(dtype, shape);
  return std::make_unique<TurnedWeightGradient>(dtype, shape);
}

}  // namespace duel
