// Max pooling's two ops. A tile takes whole images: windows may overlap, and an element then gets several shares.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/makers.hpp"

namespace duel {
namespace {

template <class T>
class MaxPoolKernel final : public Kernel {
 public:
  MaxPoolKernel(bool put, const ConvolutionShape& shape) : put_(put), shape_(shape) {}

  std::string describe() const override {
    return fmt::format("max pool {} {}×{}×{}, windows of {}×{}, {} tiles", put_ ? "put" : "take", shape_.input[0],
                       shape_.input[1], shape_.channels, shape_.kernel[0], shape_.kernel[1], tiles(0));
  }
  int64_t tiles(int) const override { return shape_.channels == 0 ? 0 : shape_.batch; }
  double flops() const override {
    return static_cast<double>(shape_.outputs_shape().elements()) * static_cast<double>(shape_.taps());
  }

  void run(int, int64_t image, const KernelArguments& arguments) const override {
    const int64_t in = shape_.input[0] * shape_.input[1] * shape_.channels;
    const int64_t out = shape_.output[0] * shape_.output[1] * shape_.channels;
    const T* selector = reinterpret_cast<const T*>(arguments.inputs[0]) + image * in;
    const T* values = reinterpret_cast<const T*>(arguments.inputs[1]) + image * (put_ ? out : in);
    T* result = reinterpret_cast<T*>(arguments.outputs[0]) + image * (put_ ? in : out);
    if (put_) std::fill_n(result, in, T(0));
    for (int64_t row = 0; row < shape_.output[0]; ++row) {
      for (int64_t column = 0; column < shape_.output[1]; ++column) {
        const int64_t output = (row * shape_.output[1] + column) * shape_.channels;
        const Window window{begin(0, row), end(0, row), begin(1, column), end(1, column)};
        for (int64_t channel = 0; channel < shape_.channels; ++channel) {
          const int64_t place = choose(selector + channel, window) + channel;
          if (put_) {
            result[place] += values[output + channel];
          } else {
            result[output + channel] = values[place];
          }
        }
      }
    }
  }

 private:
  struct Window {
    int64_t top, bottom, left, right;
  };

  int64_t begin(std::size_t axis, int64_t position) const {
    return std::max<int64_t>(0, position * shape_.how.stride[axis] - shape_.how.before[axis]);
  }
  int64_t end(std::size_t axis, int64_t position) const {
    return std::min(shape_.input[axis],
                    position * shape_.how.stride[axis] - shape_.how.before[axis] + shape_.kernel[axis]);
  }

  // The first greatest of the window; what is not a number is greater than any number.
  int64_t choose(const T* selector, const Window& window) const {
    const auto place = [&](int64_t y, int64_t x) { return (y * shape_.input[1] + x) * shape_.channels; };
    int64_t chosen = place(window.top, window.left);
    for (int64_t y = window.top; y < window.bottom; ++y) {
      for (int64_t x = window.left; x < window.right; ++x) {
        const T value = selector[place(y, x)], best = selector[chosen];
        if (value > best || (std::isnan(value) && !std::isnan(best))) chosen = place(y, x);
      }
    }
    return chosen;
  }

  bool put_;
  ConvolutionShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> make_max_pool_kernel(DType dtype, bool put, const ConvolutionShape& shape) {
  if (dtype == DType::float32) return std::make_unique<MaxPoolKernel<float>>(put, shape);
  return std::make_unique<MaxPoolKernel<double>>(put, shape);
}

}  // namespace duel
