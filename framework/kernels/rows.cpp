// Rows taken from a table by index, and rows added into one.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/division.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t tile_elements = 32768;
constexpr int64_t most_tiles = 64;

// Indices beyond the ends mean the first or the last row; what is not a number, the first.
template <class T>
int64_t clamped_row(T index, int64_t rows) {
  if (!(index > 0)) return 0;
  return index < static_cast<T>(rows) ? std::min(static_cast<int64_t>(index), rows - 1) : rows - 1;
}

template <class T>
class GatherKernel final : public Kernel {
 public:
  GatherKernel(int64_t rows, int64_t width, int64_t count)
      : rows_(rows),
        width_(width),
        count_(count),
        tile_rows_(std::max<int64_t>(1, tile_elements / std::max<int64_t>(1, width))) {}

  std::string describe() const override {
    return fmt::format("gather {} of {} rows of {}, {} tiles", count_, rows_, width_, tiles(0));
  }
  int64_t tiles(int) const override { return width_ == 0 ? 0 : divide_up(count_, tile_rows_); }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* table = reinterpret_cast<const T*>(arguments.inputs[0]);
    const T* indices = reinterpret_cast<const T*>(arguments.inputs[1]);
    T* out = reinterpret_cast<T*>(arguments.outputs[0]);
    const int64_t end = std::min(count_, (tile + 1) * tile_rows_);
    for (int64_t i = tile * tile_rows_; i < end; ++i) {
      const T* row = table + clamped_row(indices[i], rows_) * width_;
      if (width_ == 1) {
        out[i] = *row;
      } else {
        std::memcpy(out + i * width_, row, static_cast<std::size_t>(width_) * sizeof(T));
      }
    }
  }

 private:
  int64_t rows_;
  int64_t width_;
  int64_t count_;
  int64_t tile_rows_;
};

// A tile owns some rows and some columns of the result and adds what falls there, in the order of the indices: no two
// tiles write one element, and the order of additions is always the same.
template <class T>
class ScatterAddKernel final : public Kernel {
 public:
  ScatterAddKernel(int64_t rows, int64_t width, int64_t count) : rows_(rows), width_(width), count_(count) {
    if (rows * width == 0) return;
    const int64_t wanted = std::clamp<int64_t>((rows + count) * width / tile_elements, 1, most_tiles);
    column_tiles_ = std::clamp<int64_t>(width / 64, 1, wanted);
    row_tiles_ = std::clamp<int64_t>(wanted / column_tiles_, 1, rows);
  }

  std::string describe() const override {
    return fmt::format("scatter_add {} into {} rows of {}, {} tiles", count_, rows_, width_, tiles(0));
  }
  int64_t tiles(int) const override { return row_tiles_ * column_tiles_; }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* added = reinterpret_cast<const T*>(arguments.inputs[0]);
    const T* indices = reinterpret_cast<const T*>(arguments.inputs[1]);
    T* out = reinterpret_cast<T*>(arguments.outputs[0]);
    const int64_t row_tile = tile / column_tiles_;
    const int64_t column_tile = tile % column_tiles_;
    const int64_t first_row = rows_ * row_tile / row_tiles_;
    const int64_t end_row = rows_ * (row_tile + 1) / row_tiles_;
    const int64_t column = width_ * column_tile / column_tiles_;
    const int64_t columns = width_ * (column_tile + 1) / column_tiles_ - column;
    for (int64_t row = first_row; row < end_row; ++row) std::fill_n(out + row * width_ + column, columns, T(0));
    for (int64_t i = 0; i < count_; ++i) {
      const int64_t row = clamped_row(indices[i], rows_);
      if (row < first_row || row >= end_row) continue;
      T* to = out + row * width_ + column;
      const T* from = added + i * width_ + column;
      for (int64_t k = 0; k < columns; ++k) to[k] += from[k];
    }
  }
  double flops() const override { return static_cast<double>(count_ * width_); }

 private:
  int64_t rows_;
  int64_t width_;
  int64_t count_;
  int64_t row_tiles_ = 0;
  int64_t column_tiles_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_gather_kernel(DType dtype, int64_t rows, int64_t width, int64_t count) {
  if (dtype == DType::float32) return std::make_unique<GatherKernel<float>>(rows, width, count);
  return std::make_unique<GatherKernel<double>>(rows, width, count);
}

std::unique_ptr<Kernel> make_scatter_add_kernel(DType dtype, int64_t rows, int64_t width, int64_t count) {
  if (dtype == DType::float32) return std::make_unique<ScatterAddKernel<float>>(rows, width, count);
  return std::make_unique<ScatterAddKernel<double>>(rows, width, count);
}

}  // namespace duel
