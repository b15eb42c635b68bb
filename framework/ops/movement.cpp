// Ops that give elements another place. Each linear map here has its adjoint here.
#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

using Integers = std::vector<int64_t>;

void require_rank(std::string_view function, const Shape& shape, std::size_t given, std::string_view what) {
  if (given == static_cast<std::size_t>(shape.rank())) return;
  throw ShapeError(
      fmt::format("{}: {} {} for the {} axes of {}", function, given, what, shape.rank(), to_string(shape)));
}

// ── reshape ────────────────────────────────────────────────────────────────────────────────────────────────────────

void require_same_elements(const Shape& from, const Shape& to) {
  if (from.checked_elements() == to.checked_elements()) return;
  throw ShapeError(
      fmt::format("reshape: {} and {} differ in their number of elements", to_string(from), to_string(to)));
}

constexpr Op reshape_record{
    .name = "reshape",
    .kind = OpKind::view,
    .arity = 1,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          const Shape shape = shape_attribute(attributes);
          require_same_elements(inputs[0], shape);
          return shape;
        },
    .gradient = [](const GradientCall& call) { return std::vector{reshape(call.gradient, call.inputs[0].shape())}; },
    .reference = [](const Node&, std::span<const HostTensor* const> inputs, const ReferenceContext&,
                    HostTensor& output) { output.values = inputs[0]->values; },
    .flops = no_flops};

// ── permute ────────────────────────────────────────────────────────────────────────────────────────────────────────

Shape permuted(const Shape& shape, std::span<const int64_t> order) {
  Integers sorted(order.begin(), order.end());
  std::ranges::sort(sorted);
  Integers axes(static_cast<std::size_t>(shape.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  if (sorted != axes) {
    throw ShapeError(
        fmt::format("permute: [{}] is no order of the axes of {}", fmt::join(order, ", "), to_string(shape)));
  }
  Shape out;
  for (const int64_t axis : order) out.push_back(shape[static_cast<int>(axis)]);
  return out;
}

std::vector<Tensor> permute_gradient(const GradientCall& call) {
  const Integers& order = call.node.attributes.integers("order");
  Integers inverse(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) inverse[static_cast<std::size_t>(order[i])] = static_cast<int64_t>(i);
  return {permute(call.gradient, inverse)};
}

void reorder(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
  const Integers& order = node.attributes.integers("order");
  const auto own = row_major_strides(inputs[0]->shape);
  Index strides{};
  for (std::size_t i = 0; i < order.size(); ++i) strides[i] = own[static_cast<std::size_t>(order[i])];
  for_each_index(output.shape, [&](const Index& index, std::size_t position) {
    output.values[position] = inputs[0]->values[offset(index, strides, output.shape.rank())];
  });
}

constexpr Op permute_record{
    .name = "permute",
    .kind = OpKind::movement,
    .arity = 1,
    .shape = [](std::span<const Shape> inputs,
                const Attributes& attributes) { return permuted(inputs[0], attributes.integers("order")); },
    .gradient = permute_gradient,
    .reference = reorder,
    .flops = no_flops};

// ── slice and pad ──────────────────────────────────────────────────────────────────────────────────────────────────

Shape sliced(const Shape& shape, std::span<const int64_t> start, std::span<const int64_t> stop) {
  require_rank("slice", shape, start.size(), "starts");
  require_rank("slice", shape, stop.size(), "stops");
  Shape out;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (start[i] < 0 || start[i] > stop[i] || stop[i] > shape[axis]) {
      throw ShapeError(
          fmt::format("slice: {} to {} is not within axis {} of {}", start[i], stop[i], axis, to_string(shape)));
    }
    out.push_back(stop[i] - start[i]);
  }
  return out;
}

Shape padded(const Shape& shape, std::span<const int64_t> before, std::span<const int64_t> after) {
  require_rank("pad", shape, before.size(), "paddings before");
  require_rank("pad", shape, after.size(), "paddings after");
  Shape out;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    int64_t extent = shape[axis];
    if (before[i] < 0 || after[i] < 0 || __builtin_add_overflow(extent, before[i], &extent) ||
        __builtin_add_overflow(extent, after[i], &extent)) {
      throw ShapeError(fmt::format("pad: {} before and {} after cannot be put around axis {} of {}", before[i],
                                   after[i], axis, to_string(shape)));
    }
    out.push_back(extent);
  }
  return out;
}

// Calls body(position in inner, position in outer) for an inner block that starts at `start` of an outer one.
template <class Body>
void for_each_in_block(const Shape& inner, const Shape& outer, std::span<const int64_t> start, Body body) {
  const auto strides = row_major_strides(outer);
  Index first{};
  std::ranges::copy(start, first.begin());
  const std::size_t base = offset(first, strides, outer.rank());
  for_each_index(inner, [&](const Index& index, std::size_t position) {
    body(position, base + offset(index, strides, outer.rank()));
  });
}

constexpr Op slice_record{
    .name = "slice",
    .kind = OpKind::movement,
    .arity = 1,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          return sliced(inputs[0], attributes.integers("start"), attributes.integers("stop"));
        },
    .gradient =
        [](const GradientCall& call) {
          const Integers& before = call.node.attributes.integers("start");
          Integers after = call.node.attributes.integers("stop");
          for (std::size_t i = 0; i < after.size(); ++i) {
            after[i] = call.inputs[0].shape()[static_cast<int>(i)] - after[i];
          }
          return std::vector{pad(call.gradient, before, after)};
        },
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          for_each_in_block(output.shape, inputs[0]->shape, node.attributes.integers("start"),
                            [&](std::size_t in, std::size_t out) { output.values[in] = inputs[0]->values[out]; });
        },
    .flops = no_flops};

constexpr Op pad_record{
    .name = "pad",
    .kind = OpKind::movement,
    .arity = 1,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          return padded(inputs[0], attributes.integers("before"), attributes.integers("after"));
        },
    .gradient =
        [](const GradientCall& call) {
          const Integers& start = call.node.attributes.integers("before");
          Integers stop = start;
          for (std::size_t i = 0; i < stop.size(); ++i) stop[i] += call.inputs[0].shape()[static_cast<int>(i)];
          return std::vector{slice(call.gradient, start, stop)};
        },
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          std::ranges::fill(output.values, 0.0);
          for_each_in_block(inputs[0]->shape, output.shape, node.attributes.integers("before"),
                            [&](std::size_t in, std::size_t out) { output.values[out] = inputs[0]->values[in]; });
        },
    .flops = no_flops};

// ── concat ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Shape joined(std::span<const Shape> parts, int64_t along) {
  const int axis = axis_of("concat", parts[0], along);
  Shape out = parts[0];
  for (const Shape& part : parts.subspan(1)) {
    const bool fits = part.rank() == out.rank() && part.without(axis) == out.without(axis);
    if (!fits || __builtin_add_overflow(out[axis], part[axis], &out[axis])) {
      throw ShapeError(
          fmt::format("concat: {} and {} cannot be joined along axis {}", to_string(parts[0]), to_string(part), axis));
    }
  }
  return out;
}

std::vector<Tensor> concat_gradient(const GradientCall& call) {
  const auto axis = static_cast<int>(call.node.attributes.integer("axis"));
  std::vector<Tensor> gradients(call.inputs.size());
  int64_t start = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const int64_t stop = start + call.inputs[i].shape()[axis];
    if (call.wanted[i]) gradients[i] = slice(call.gradient, axis, start, stop);
    start = stop;
  }
  return gradients;
}

void join(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
  const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
  Integers start(static_cast<std::size_t>(output.shape.rank()), 0);
  for (const HostTensor* part : inputs) {
    for_each_in_block(part->shape, output.shape, start,
                      [&](std::size_t in, std::size_t out) { output.values[out] = part->values[in]; });
    start[axis] += part->shape[static_cast<int>(axis)];
  }
}

constexpr Op concat_record{
    .name = "concat",
    .kind = OpKind::movement,
    .arity = -1,
    .shape = [](std::span<const Shape> inputs,
                const Attributes& attributes) { return joined(inputs, attributes.integer("axis")); },
    .gradient = concat_gradient,
    .reference = join,
    .flops = no_flops};

// ── gather and scatter_add ─────────────────────────────────────────────────────────────────────────────────────────

void require_rows(std::string_view function, int64_t rows, const Shape& indices) {
  if (rows > 0 || indices[0] == 0) return;
  throw ShapeError(fmt::format("{}: there are no rows for the indices {} to name", function, to_string(indices)));
}

Shape gathered(std::span<const Shape> inputs, const Attributes&) {
  const Shape& table = inputs[0];
  const Shape& indices = inputs[1];
  if (table.rank() < 1 || indices.rank() != 1) {
    throw ShapeError(fmt::format("gather: takes a table of rows and a vector of indices, not {} and {}",
                                 to_string(table), to_string(indices)));
  }
  require_rows("gather", table[0], indices);
  return table.without_first().prepend(indices[0]);
}

Shape scattered(std::span<const Shape> inputs, const Attributes& attributes) {
  const Shape& rows = inputs[0];
  const Shape& indices = inputs[1];
  if (rows.rank() < 1 || indices.rank() != 1 || rows[0] != indices[0]) {
    throw ShapeError(
        fmt::format("scatter_add: takes rows and one index a row, not {} and {}", to_string(rows), to_string(indices)));
  }
  require_rows("scatter_add", attributes.integer("rows"), indices);
  return rows.without_first().prepend(attributes.integer("rows"));
}

// Indices beyond the ends mean the first or the last row; so does, for the first, one that is not a number.
std::size_t clamped_row(double index, int64_t rows) {
  if (!(index > 0)) return 0;
  return static_cast<std::size_t>(std::min(index, static_cast<double>(rows - 1)));
}

std::size_t row_size(const Shape& rows) { return static_cast<std::size_t>(rows.without_first().elements()); }

constexpr Op gather_record{
    .name = "gather",
    .kind = OpKind::movement,
    .arity = 2,
    .shape = gathered,
    .gradient =
        [](const GradientCall& call) {
          std::vector<Tensor> gradients(2);
          if (call.wanted[0]) gradients[0] = scatter_add(call.gradient, call.inputs[1], call.inputs[0].shape()[0]);
          return gradients;
        },
    .reference =
        [](const Node&, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          const std::size_t size = row_size(output.shape);
          for (std::size_t i = 0; i < inputs[1]->values.size(); ++i) {
            const std::size_t row = clamped_row(inputs[1]->values[i], inputs[0]->shape[0]);
            std::copy_n(inputs[0]->values.begin() + static_cast<std::ptrdiff_t>(row * size), size,
                        output.values.begin() + static_cast<std::ptrdiff_t>(i * size));
          }
        },
    .flops = no_flops};

constexpr Op scatter_add_record{
    .name = "scatter_add",
    .kind = OpKind::movement,
    .arity = 2,
    .shape = scattered,
    .gradient =
        [](const GradientCall& call) {
          std::vector<Tensor> gradients(2);
          if (call.wanted[0]) gradients[0] = gather(call.gradient, call.inputs[1]);
          return gradients;
        },
    .reference =
        [](const Node&, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          std::ranges::fill(output.values, 0.0);
          const std::size_t size = row_size(output.shape);
          for (std::size_t i = 0; i < inputs[1]->values.size(); ++i) {
            const std::size_t row = clamped_row(inputs[1]->values[i], output.shape[0]);
            for (std::size_t j = 0; j < size; ++j) output.values[row * size + j] += inputs[0]->values[i * size + j];
          }
        },
    .flops = one_flop_an_input};

Integers zeros(const Tensor& a) { return Integers(static_cast<std::size_t>(a.rank()), 0); }

}  // namespace

const Op& reshape_op() { return reshape_record; }
const Op& permute_op() { return permute_record; }
const Op& slice_op() { return slice_record; }
const Op& pad_op() { return pad_record; }
const Op& concat_op() { return concat_record; }
const Op& gather_op() { return gather_record; }
const Op& scatter_add_op() { return scatter_add_record; }

Tensor reshape(const Tensor& a, const Shape& shape) {
  if (a.shape() == shape) return a;
  require_same_elements(a.shape(), shape);
  if (const auto value = constant_value(a)) return constant(a.graph(), *value, shape);
  if (a.node().op == &reshape_op()) return reshape(Tensor(a.graph(), a.node().inputs[0]), shape);
  return make(reshape_op(), {a}, {{"shape", extents(shape)}});
}

Tensor permute(const Tensor& a, std::span<const int64_t> order) {
  const Shape shape = permuted(a.shape(), order);
  if (std::ranges::is_sorted(order)) return a;
  if (const auto value = constant_value(a)) return constant(a.graph(), *value, shape);
  if (a.node().op == &permute_op()) {
    const Integers& inner = a.node().attributes.integers("order");
    Integers both;
    for (const int64_t axis : order) both.push_back(inner[static_cast<std::size_t>(axis)]);
    return permute(Tensor(a.graph(), a.node().inputs[0]), both);
  }
  return make(permute_op(), {a}, {{"order", Integers(order.begin(), order.end())}});
}

Tensor transpose(const Tensor& a) {
  if (a.rank() < 2) throw ShapeError(fmt::format("transpose: {} has no two axes to exchange", to_string(a.shape())));
  Integers order(static_cast<std::size_t>(a.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return permute(a, order);
}

Tensor slice(const Tensor& a, std::span<const int64_t> start, std::span<const int64_t> stop) {
  const Shape shape = sliced(a.shape(), start, stop);
  if (shape == a.shape()) return a;
  if (const auto value = constant_value(a)) return constant(a.graph(), *value, shape);
  return make(slice_op(), {a},
              {{"start", Integers(start.begin(), start.end())}, {"stop", Integers(stop.begin(), stop.end())}});
}

Tensor slice(const Tensor& a, int axis, int64_t start, int64_t stop) {
  const auto index = static_cast<std::size_t>(axis_of("slice", a.shape(), axis));
  Integers starts = zeros(a);
  Integers stops = extents(a.shape());
  starts[index] = start;
  stops[index] = stop;
  return slice(a, starts, stops);
}

Tensor pad(const Tensor& a, std::span<const int64_t> before, std::span<const int64_t> after) {
  const Shape shape = padded(a.shape(), before, after);
  if (shape == a.shape()) return a;
  if (is_constant(a, 0)) return constant(a.graph(), 0, shape);
  return make(pad_op(), {a},
              {{"before", Integers(before.begin(), before.end())}, {"after", Integers(after.begin(), after.end())}});
}

Tensor concat(std::span<const Tensor> parts, int axis) {
  DUEL_CHECK(!parts.empty(), "concat of no tensors");
  const auto index = axis_of("concat", parts[0].shape(), axis);
  if (parts.size() == 1) return parts[0];
  return make(concat_op(), parts, {{"axis", static_cast<int64_t>(index)}});
}

Tensor gather(const Tensor& table, const Tensor& indices) { return make(gather_op(), {table, indices}); }

Tensor scatter_add(const Tensor& rows, const Tensor& indices, int64_t n) {
  DUEL_CHECK(n >= 0, "scatter_add into {} rows", n);
  return make(scatter_add_op(), {rows, indices}, {{"rows", n}});
}

}  // namespace duel
