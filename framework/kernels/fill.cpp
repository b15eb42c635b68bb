// Memory filled with a constant, or with 0, 1, 2, …
#include <fmt/format.h>

#include <algorithm>

#include "kernels/division.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t tile_elements = 65536;

template <class T>
class FillKernel final : public Kernel {
 public:
  FillKernel(int64_t elements, double start, double step) : elements_(elements), start_(start), step_(step) {}

  std::string describe() const override {
    return fmt::format("{} of {} elements, {} tiles", step_ == 0 ? "fill" : "iota", elements_, tiles(0));
  }
  int64_t tiles(int) const override { return divide_up(elements_, tile_elements); }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    T* out = reinterpret_cast<T*>(arguments.outputs[0]);
    const int64_t begin = tile * tile_elements;
    const int64_t end = std::min(elements_, begin + tile_elements);
    if (step_ == 0) {
      std::fill(out + begin, out + end, static_cast<T>(start_));
      return;
    }
    for (int64_t i = begin; i < end; ++i) out[i] = static_cast<T>(start_ + static_cast<double>(i) * step_);
  }

 private:
  int64_t elements_;
  double start_;
  double step_;
};

}  // namespace

std::unique_ptr<Kernel> make_fill_kernel(DType dtype, int64_t elements, double start, double step) {
  if (dtype == DType::float32) return std::make_unique<FillKernel<float>>(elements, start, step);
  return std::make_unique<FillKernel<double>>(elements, start, step);
}

}  // namespace duel
