// What the families of ops share: making nodes, knowing constants, walking over indices. For framework/ops/ only.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "graph/op.hpp"
#include "graph/source.hpp"
#include "ops/window.hpp"

namespace duel {

// Adds the node to the graph of its first input. All inputs must be of one graph.
Tensor make(const Op& op, std::span<const Tensor> inputs, Attributes attributes = {});
Tensor make(const Op& op, std::initializer_list<Tensor> inputs, Attributes attributes = {});

bool is_constant(const Tensor& a, double value);

// The axis counted from the front; ShapeError names `function` when the shape has no such axis.
int axis_of(std::string_view function, const Shape& shape, int64_t axis);

// Extents of height and width as an attribute holds them: a list of two.
std::vector<int64_t> list_of(const Extent2& pair);
Extent2 pair_of(const Attributes& attributes, std::string_view name);

// ShapeError unless `shape` is one of images; `what` says which ones.
void require_images(std::string_view op, std::string_view what, const Shape& shape);

// One operation an element of the first input.
double one_flop_an_input(const Node& node, std::span<const Shape> inputs);

using Index = std::array<int64_t, Shape::max_rank>;

inline std::size_t offset(const Index& index, const Index& strides, int rank) {
  int64_t sum = 0;
  for (int axis = 0; axis < rank; ++axis) sum += index[axis] * strides[axis];
  return static_cast<std::size_t>(sum);
}

// Calls body(index, position) for every element of `shape` in row-major order.
template <class Body>
void for_each_index(const Shape& shape, Body body) {
  Index index{};
  const auto count = static_cast<std::size_t>(shape.elements());
  for (std::size_t position = 0; position < count; ++position) {
    body(index, position);
    for (int axis = shape.rank() - 1; axis >= 0 && ++index[axis] == shape[axis]; --axis) index[axis] = 0;
  }
}

}  // namespace duel
