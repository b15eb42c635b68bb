// How an operand lies over one strip, and how it is laid out densely where it does not already lie so. For this room's
// sources only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/shape.hpp"

namespace duel {

class StripPattern {
 public:
  StripPattern() = default;
  // Of the axes from `split` inwards, collapsed further where this operand alone allows.
  StripPattern(std::span<const int64_t> extents, std::span<const int64_t> strides, int split);

  bool is_repeated() const { return depth_ == 0 && row_stride_ == 0 && run_stride_ == 0; }
  bool is_dense() const { return depth_ == 0 && run_stride_ == 1 && row_stride_ == run_; }

  // Writes `rows` rows of the split axis, each `run` × (the axes between) elements long.
  template <class T>
  void fill(T* to, const T* from, int64_t rows) const {
    if (run_ == 1 && depth_ == 0) {
      for (int64_t row = 0; row < rows; ++row) to[row] = from[row * row_stride_];
      return;
    }
    for (int64_t row = 0; row < rows; ++row, from += row_stride_) fill_axis(to, from, 0);
  }

 private:
  template <class T>
  void fill_axis(T*& to, const T* from, int axis) const {
    if (axis < depth_) {
      const auto i = static_cast<std::size_t>(axis);
      for (int64_t k = 0; k < extents_[i]; ++k, from += strides_[i]) fill_axis(to, from, axis + 1);
      return;
    }
    if (run_stride_ == 0) {
      std::fill_n(to, run_, *from);
    } else if (run_stride_ == 1) {
      std::copy_n(from, run_, to);
    } else {
      for (int64_t k = 0; k < run_; ++k) to[k] = from[k * run_stride_];
    }
    to += run_;
  }

  // Rows, then `depth_` axes, then the innermost run. A run of 1 has a stride of 1, or of 0 under repeated rows.
  int64_t row_stride_ = 0;
  int depth_ = 0;
  std::array<int64_t, Shape::max_rank> extents_{};
  std::array<int64_t, Shape::max_rank> strides_{};
  int64_t run_ = 1;
  int64_t run_stride_ = 0;
};

}  // namespace duel
