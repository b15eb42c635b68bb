// The greatest element of each window, as two ops that are each other's adjoint in their second input: the first only
// says which element is meant, and has no derivative.
#include <cmath>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

Pooling pooling_of(const Attributes& attributes) {
  return {.kernel = pair_of(attributes, "kernel"),
          .stride = pair_of(attributes, "stride"),
          .before = pair_of(attributes, "before"),
          .after = pair_of(attributes, "after")};
}

Attributes pooling_attributes(const Pooling& how) {
  return {{"kernel", list_of(how.kernel)},
          {"stride", list_of(how.stride)},
          {"before", list_of(how.before)},
          {"after", list_of(how.after)}};
}

ConvolutionShape windows(std::string_view op, const Shape& images, const Attributes& attributes) {
  const Pooling how = pooling_of(attributes);
  require_images(op, "images", images);
  ConvolutionShape shape{.batch = images[0],
                         .input = {images[1], images[2]},
                         .output = {},
                         .kernel = how.kernel,
                         .channels = images[3],
                         .outputs = images[3],
                         .how = {.stride = how.stride, .before = how.before, .after = how.after}};
  for (const int axis : {0, 1}) {
    // A window must not lie beyond the image altogether: it would have nothing to choose from.
    if (how.stride[axis] >= 1 && how.kernel[axis] >= 1 && how.before[axis] >= 0 && how.after[axis] >= 0 &&
        how.before[axis] < how.kernel[axis] && how.after[axis] < how.kernel[axis]) {
      shape.output[axis] =
          positions(shape.input[axis], how.kernel[axis], how.stride[axis], 1, how.before[axis], how.after[axis]);
    }
    if (shape.output[axis] >= 1) continue;
    throw ShapeError(fmt::format("{}: a window of {}×{} with stride {}×{} and padding {}+{} and {}+{} does not fit {}",
                                 op, how.kernel[0], how.kernel[1], how.stride[0], how.stride[1], how.before[0],
                                 how.after[0], how.before[1], how.after[1], to_string(images)));
  }
  return shape;
}

// Calls body(place, output) for every window and channel: the index of the chosen element and of the result.
template <class Body>
void for_each_choice(const ConvolutionShape& shape, const std::vector<double>& selector, Body body) {
  for_each_index(shape.outputs_shape(), [&](const Index& at, std::size_t output) {
    std::size_t chosen = 0;
    bool any = false;
    for (int64_t i = 0; i < shape.taps(); ++i) {
      const int64_t y = at[1] * shape.how.stride[0] - shape.how.before[0] + i / shape.kernel[1];
      const int64_t x = at[2] * shape.how.stride[1] - shape.how.before[1] + i % shape.kernel[1];
      if (y < 0 || y >= shape.input[0] || x < 0 || x >= shape.input[1]) continue;
      const auto place =
          static_cast<std::size_t>(((at[0] * shape.input[0] + y) * shape.input[1] + x) * shape.channels + at[3]);
      // What is not a number is greater than any number, so that it is seen.
      const bool greater =
          selector[place] > selector[chosen] || (std::isnan(selector[place]) && !std::isnan(selector[chosen]));
      if (!any || greater) chosen = place;
      any = true;
    }
    body(chosen, output);
  });
}

double one_comparison_a_tap(const Node& node, std::span<const Shape> inputs) {
  const ConvolutionShape shape = pooling_shape(*node.op, inputs, node.attributes);
  return static_cast<double>(shape.outputs_shape().elements() * shape.taps());
}

constexpr Op take_record{
    .name = "max_pool_take",
    .kind = OpKind::contraction,
    .arity = 2,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          if (inputs[0] != inputs[1]) {
            throw ShapeError(fmt::format("max_pool_take: selector {} and values {} differ", to_string(inputs[0]),
                                         to_string(inputs[1])));
          }
          return windows("max_pool_take", inputs[0], attributes).outputs_shape();
        },
    .gradient =
        [](const GradientCall& call) {
          std::vector<Tensor> gradients(2);
          if (call.wanted[1]) {
            gradients[1] = max_pool_put(call.inputs[0], call.gradient, pooling_of(call.node.attributes));
          }
          return gradients;
        },
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          const ConvolutionShape shape = windows("max_pool_take", inputs[0]->shape, node.attributes);
          for_each_choice(shape, inputs[0]->values, [&](std::size_t place, std::size_t position) {
            output.values[position] = inputs[1]->values[place];
          });
        },
    .flops = one_comparison_a_tap};

constexpr Op put_record{
    .name = "max_pool_put",
    .kind = OpKind::contraction,
    .arity = 2,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          const Shape wanted = windows("max_pool_put", inputs[0], attributes).outputs_shape();
          if (inputs[1] != wanted) {
            throw ShapeError(fmt::format("max_pool_put: windows over {} give {}, not {}", to_string(inputs[0]),
                                         to_string(wanted), to_string(inputs[1])));
          }
          return inputs[0];
        },
    .gradient =
        [](const GradientCall& call) {
          std::vector<Tensor> gradients(2);
          if (call.wanted[1]) {
            gradients[1] = max_pool_take(call.inputs[0], call.gradient, pooling_of(call.node.attributes));
          }
          return gradients;
        },
    .reference =
        [](const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
          std::ranges::fill(output.values, 0.0);
          const ConvolutionShape shape = windows("max_pool_put", inputs[0]->shape, node.attributes);
          for_each_choice(shape, inputs[0]->values, [&](std::size_t place, std::size_t position) {
            output.values[place] += inputs[1]->values[position];
          });
        },
    .flops = one_comparison_a_tap};

}  // namespace

const Op& max_pool_take_op() { return take_record; }
const Op& max_pool_put_op() { return put_record; }

ConvolutionShape pooling_shape(const Op& op, std::span<const Shape> inputs, const Attributes& attributes) {
  DUEL_CHECK(&op == &max_pool_take_op() || &op == &max_pool_put_op(), "{} is no pooling", op.name);
  return windows(op.name, inputs[0], attributes);
}

Tensor max_pool_take(const Tensor& selector, const Tensor& values, const Pooling& how) {
  return make(max_pool_take_op(), {selector, values}, pooling_attributes(how));
}

Tensor max_pool_put(const Tensor& selector, const Tensor& outputs, const Pooling& how) {
  if (is_constant(outputs, 0)) return constant(outputs.graph(), 0, selector.shape());
  return make(max_pool_put_op(), {selector, outputs}, pooling_attributes(how));
}

Tensor max_pool(const Tensor& images, const Pooling& how) { return max_pool_take(images, images, how); }

}  // namespace duel
