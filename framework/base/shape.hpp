// The extents of a tensor, outermost first. Images are (batch,) height, width, channels. A value type without
// allocation; at most Shape::max_rank axes, each extent ≥ 0.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace duel {

class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;  // rank 0: a scalar, one element
  Shape(std::initializer_list<int64_t> extents);
  explicit Shape(std::span<const int64_t> extents);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const;  // a negative axis counts from the end
  int64_t& operator[](int axis);
  // Number of elements. Overflow of int64_t is a programmer's mistake here: check text input with checked_elements.
  int64_t elements() const;
  std::optional<int64_t> checked_elements() const;

  void push_back(int64_t extent);
  // This shape with `extent` put before the first axis (a batch), or without the first axis.
  Shape prepend(int64_t extent) const;
  Shape without_first() const;
  Shape without(int axis) const;

  const int64_t* begin() const { return extents_.data(); }
  const int64_t* end() const { return extents_.data() + rank_; }
  std::span<const int64_t> span() const { return {begin(), end()}; }

  bool operator==(const Shape& other) const;

 private:
  std::array<int64_t, max_rank> extents_{};
  int rank_ = 0;
};

// "[64, 28, 28, 1]"
std::string to_string(const Shape& shape);

// Row-major strides in elements.
std::array<int64_t, Shape::max_rank> row_major_strides(const Shape& shape);

}  // namespace duel
