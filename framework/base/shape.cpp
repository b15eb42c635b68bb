#include "base/shape.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace duel {

Shape::Shape(std::initializer_list<int64_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const int64_t> extents) {
  for (const int64_t extent : extents) push_back(extent);
}

int64_t Shape::operator[](int axis) const { return const_cast<Shape&>(*this)[axis]; }

int64_t& Shape::operator[](int axis) {
  const int index = axis < 0 ? axis + rank_ : axis;
  DUEL_CHECK(index >= 0 && index < rank_, "axis {} of a shape of rank {}", axis, rank_);
  return extents_[static_cast<std::size_t>(index)];
}

int64_t Shape::elements() const {
  const auto count = checked_elements();
  DUEL_CHECK(count.has_value(), "the number of elements of {} overflows", to_string(*this));
  return *count;
}

std::optional<int64_t> Shape::checked_elements() const {
  int64_t count = 1;
  for (const int64_t extent : *this) {
    if (__builtin_mul_overflow(count, extent, &count)) return std::nullopt;
  }
  return count;
}

void Shape::push_back(int64_t extent) {
  DUEL_CHECK(rank_ < max_rank, "a shape has at most {} axes", max_rank);
  DUEL_CHECK(extent >= 0, "extent {} is negative", extent);
  extents_[static_cast<std::size_t>(rank_++)] = extent;
}

Shape Shape::prepend(int64_t extent) const {
  Shape out{extent};
  for (const int64_t e : *this) out.push_back(e);
  return out;
}

Shape Shape::without_first() const { return without(0); }

Shape Shape::without(int axis) const {
  const int index = axis < 0 ? axis + rank_ : axis;
  DUEL_CHECK(index >= 0 && index < rank_, "axis {} of a shape of rank {}", axis, rank_);
  Shape out;
  for (int i = 0; i < rank_; ++i) {
    if (i != index) out.push_back((*this)[i]);
  }
  return out;
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", ")); }

std::array<int64_t, Shape::max_rank> row_major_strides(const Shape& shape) {
  std::array<int64_t, Shape::max_rank> strides{};
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  return strides;
}

}  // namespace duel
