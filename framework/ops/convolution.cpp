// Convolution and its two adjoints. Each is linear in either input, and the derivative of each is the other two.
#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"
#include "ops/upsampled_convolution.hpp"

namespace duel {
namespace {

Convolution convolution_of(const Attributes& attributes) {
  return {.stride = pair_of(attributes, "stride"),
          .dilation = pair_of(attributes, "dilation"),
          .before = pair_of(attributes, "before"),
          .after = pair_of(attributes, "after"),
          .groups = attributes.integer("groups")};
}

Attributes convolution_attributes(const Convolution& how) {
  return {{"stride", list_of(how.stride)},
          {"dilation", list_of(how.dilation)},
          {"before", list_of(how.before)},
          {"after", list_of(how.after)},
          {"groups", how.groups}};
}

void require_weight(std::string_view op, const Shape& shape) {
  if (shape.rank() == 4) return;
  throw ShapeError(
      fmt::format("{}: weights are [height, width, channels / groups, outputs], not {}", op, to_string(shape)));
}

void require_divisible(std::string_view op, std::string_view what, int64_t count, int64_t groups) {
  if (groups >= 1 && count % groups == 0) return;
  throw ShapeError(fmt::format("{}: {} {} cannot be cut into {} groups", op, count, what, groups));
}

void require_positive(std::string_view op, const Convolution& how) {
  for (const int axis : {0, 1}) {
    if (how.stride[axis] >= 1 && how.dilation[axis] >= 1 && how.before[axis] >= 0 && how.after[axis] >= 0) continue;
    throw ShapeError(fmt::format("{}: stride {} and dilation {} must be at least 1, padding {} and {} at least 0", op,
                                 how.stride[axis], how.dilation[axis], how.before[axis], how.after[axis]));
  }
}

// Fills `output` from the other extents.
void place_windows(std::string_view op, ConvolutionShape& shape) {
  const Convolution& how = shape.how;
  require_positive(op, how);
  for (const int axis : {0, 1}) {
    shape.output[axis] = positions(shape.input[axis], shape.kernel[axis], how.stride[axis], how.dilation[axis],
                                   how.before[axis], how.after[axis]);
    if (shape.kernel[axis] >= 1 && shape.output[axis] >= 1) continue;
    throw ShapeError(
        fmt::format("{}: a window of {}×{} (dilation {}×{}) does not fit into {}×{} with padding {}+{} "
                    "and {}+{}",
                    op, shape.kernel[0], shape.kernel[1], how.dilation[0], how.dilation[1], shape.input[0],
                    shape.input[1], how.before[0], how.after[0], how.before[1], how.after[1]));
  }
}

void require_outputs(std::string_view op, const ConvolutionShape& shape, const Shape& given) {
  if (given == shape.outputs_shape()) return;
  throw ShapeError(fmt::format("{}: images {} and weights {} give {}, not {}", op, to_string(shape.images_shape()),
                               to_string(shape.weight_shape()), to_string(shape.outputs_shape()), to_string(given)));
}

ConvolutionShape forward_shape(std::string_view op, const Shape& images, const Shape& weight,
                               const Attributes& attributes) {
  require_images(op, "images", images);
  require_weight(op, weight);
  ConvolutionShape shape{.batch = images[0],
                         .input = {images[1], images[2]},
                         .output = {},
                         .kernel = {weight[0], weight[1]},
                         .channels = images[3],
                         .outputs = weight[3],
                         .how = convolution_of(attributes)};
  require_divisible(op, "outputs", shape.outputs, shape.how.groups);
  if (weight[2] * shape.how.groups != images[3]) {
    throw ShapeError(fmt::format("{}: {} channels in {} groups need weights for {}, these {} are for {}", op, images[3],
                                 shape.how.groups, images[3] / shape.how.groups, to_string(weight), weight[2]));
  }
  place_windows(op, shape);
  return shape;
}

ConvolutionShape input_gradient_shape(std::string_view op, const Shape& outputs, const Shape& weight,
                                      const Attributes& attributes) {
  require_images(op, "outputs", outputs);
  require_weight(op, weight);
  const Convolution how = convolution_of(attributes);
  require_divisible(op, "outputs", weight[3], how.groups);
  ConvolutionShape shape{.batch = outputs[0],
                         .input = pair_of(attributes, "size"),
                         .output = {},
                         .kernel = {weight[0], weight[1]},
                         .channels = weight[2] * how.groups,
                         .outputs = weight[3],
                         .how = how};
  place_windows(op, shape);
  require_outputs(op, shape, outputs);
  return shape;
}

ConvolutionShape weight_gradient_shape(std::string_view op, const Shape& images, const Shape& outputs,
                                       const Attributes& attributes) {
  require_images(op, "images", images);
  require_images(op, "outputs", outputs);
  const Convolution how = convolution_of(attributes);
  require_divisible(op, "channels", images[3], how.groups);
  require_divisible(op, "outputs", outputs[3], how.groups);
  ConvolutionShape shape{.batch = images[0],
                         .input = {images[1], images[2]},
                         .output = {},
                         .kernel = pair_of(attributes, "kernel"),
                         .channels = images[3],
                         .outputs = outputs[3],
                         .how = how};
  place_windows(op, shape);
  require_outputs(op, shape, outputs);
  return shape;
}

// ── reference meaning ──────────────────────────────────────────────────────────────────────────────────────────────

// Calls body(image, weight, output), the indices of the elements that meet in one product, for every product.
template <class Body>
void for_each_product(const ConvolutionShape& shape, Body body) {
  const Convolution& how = shape.how;
  const int64_t channels = shape.group_channels(), outputs = shape.group_outputs();
  for (int64_t n = 0; n < shape.batch; ++n) {
    for_each_index(
        Shape{shape.output[0], shape.output[1], shape.kernel[0], shape.kernel[1]}, [&](const Index& at, std::size_t) {
          const int64_t y = at[0] * how.stride[0] + at[2] * how.dilation[0] - how.before[0];
          const int64_t x = at[1] * how.stride[1] + at[3] * how.dilation[1] - how.before[1];
          if (y < 0 || y >= shape.input[0] || x < 0 || x >= shape.input[1]) return;
          const int64_t image = ((n * shape.input[0] + y) * shape.input[1] + x) * shape.channels;
          const int64_t weight = (at[2] * shape.kernel[1] + at[3]) * channels * shape.outputs;
          const int64_t output = ((n * shape.output[0] + at[0]) * shape.output[1] + at[1]) * shape.outputs;
          for (int64_t o = 0; o < shape.outputs; ++o) {
            const int64_t first = o / outputs * channels;
            for (int64_t c = 0; c < channels; ++c) {
              body(static_cast<std::size_t>(image + first + c),
                   static_cast<std::size_t>(weight + c * shape.outputs + o), static_cast<std::size_t>(output + o));
            }
          }
        });
  }
}

ConvolutionShape shape_of_call(const Node& node, std::span<const HostTensor* const> inputs) {
  const Shape shapes[] = {inputs[0]->shape, inputs[1]->shape};
  return convolution_shape(*node.op, shapes, node.attributes);
}

void refer_forward(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&,
                   HostTensor& output) {
  std::ranges::fill(output.values, 0.0);
  for_each_product(shape_of_call(node, inputs), [&](std::size_t image, std::size_t weight, std::size_t out) {
    output.values[out] += inputs[0]->values[image] * inputs[1]->values[weight];
  });
}

void refer_input_gradient(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&,
                          HostTensor& output) {
  std::ranges::fill(output.values, 0.0);
  for_each_product(shape_of_call(node, inputs), [&](std::size_t image, std::size_t weight, std::size_t out) {
    output.values[image] += inputs[0]->values[out] * inputs[1]->values[weight];
  });
}

void refer_weight_gradient(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&,
                           HostTensor& output) {
  std::ranges::fill(output.values, 0.0);
  for_each_product(shape_of_call(node, inputs), [&](std::size_t image, std::size_t weight, std::size_t out) {
    output.values[weight] += inputs[0]->values[image] * inputs[1]->values[out];
  });
}

// ── records ────────────────────────────────────────────────────────────────────────────────────────────────────────

double convolution_flops(const Node& node, std::span<const Shape> inputs) {
  return convolution_shape(*node.op, inputs, node.attributes).flops();
}

Extent2 image_size(const Tensor& images) { return {images.shape()[1], images.shape()[2]}; }
Extent2 kernel_size(const Tensor& weight) { return {weight.shape()[0], weight.shape()[1]}; }

constexpr Op conv2d_record{.name = "conv2d",
                           .kind = OpKind::contraction,
                           .arity = 2,
                           .shape =
                               [](std::span<const Shape> inputs, const Attributes& attributes) {
                                 return forward_shape("conv2d", inputs[0], inputs[1], attributes).outputs_shape();
                               },
                           .gradient =
                               [](const GradientCall& call) {
                                 const Convolution how = convolution_of(call.node.attributes);
                                 const Tensor& images = call.inputs[0];
                                 const Tensor& weight = call.inputs[1];
                                 std::vector<Tensor> gradients(2);
                                 if (call.wanted[0])
                                   gradients[0] = conv2d_input_gradient(call.gradient, weight, image_size(images), how);
                                 if (call.wanted[1])
                                   gradients[1] =
                                       conv2d_weight_gradient(images, call.gradient, kernel_size(weight), how);
                                 return gradients;
                               },
                           .reference = refer_forward,
                           .flops = convolution_flops};

constexpr Op conv2d_input_gradient_record{
    .name = "conv2d_input_gradient",
    .kind = OpKind::contraction,
    .arity = 2,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          return input_gradient_shape("conv2d_input_gradient", inputs[0], inputs[1], attributes).images_shape();
        },
    .gradient =
        [](const GradientCall& call) {
          const Convolution how = convolution_of(call.node.attributes);
          const Tensor& outputs = call.inputs[0];
          const Tensor& weight = call.inputs[1];
          std::vector<Tensor> gradients(2);
          if (call.wanted[0]) gradients[0] = conv2d(call.gradient, weight, how);
          if (call.wanted[1]) gradients[1] = conv2d_weight_gradient(call.gradient, outputs, kernel_size(weight), how);
          return gradients;
        },
    .reference = refer_input_gradient,
    .flops = convolution_flops};

constexpr Op conv2d_weight_gradient_record{
    .name = "conv2d_weight_gradient",
    .kind = OpKind::contraction,
    .arity = 2,
    .shape =
        [](std::span<const Shape> inputs, const Attributes& attributes) {
          return weight_gradient_shape("conv2d_weight_gradient", inputs[0], inputs[1], attributes).weight_shape();
        },
    .gradient =
        [](const GradientCall& call) {
          const Convolution how = convolution_of(call.node.attributes);
          const Tensor& images = call.inputs[0];
          const Tensor& outputs = call.inputs[1];
          std::vector<Tensor> gradients(2);
          if (call.wanted[0]) gradients[0] = conv2d_input_gradient(outputs, call.gradient, image_size(images), how);
          if (call.wanted[1]) gradients[1] = conv2d(images, call.gradient, how);
          return gradients;
        },
    .reference = refer_weight_gradient,
    .flops = convolution_flops};

// A window of one pixel at every place: a matrix product over the channels.
bool is_pointwise(const Extent2& kernel, const Convolution& how) {
  const Extent2 one{1, 1}, none{0, 0};
  return kernel == one && how.stride == one && how.before == none && how.after == none && how.groups == 1;
}

Tensor pixels(const Tensor& images) {
  return reshape(images, {images.shape()[0] * images.shape()[1] * images.shape()[2], images.shape()[3]});
}

Tensor matrix(const Tensor& weight) { return reshape(weight, {weight.shape()[2], weight.shape()[3]}); }

}  // namespace

const Op& conv2d_op() { return conv2d_record; }
const Op& conv2d_input_gradient_op() { return conv2d_input_gradient_record; }
const Op& conv2d_weight_gradient_op() { return conv2d_weight_gradient_record; }

double ConvolutionShape::flops() const {
  return 2.0 * static_cast<double>(batch * output[0] * output[1] * taps()) *
         static_cast<double>(group_channels() * outputs);
}

ConvolutionShape convolution_shape(const Op& op, std::span<const Shape> inputs, const Attributes& attributes) {
  if (&op == &conv2d_op()) return forward_shape(op.name, inputs[0], inputs[1], attributes);
  if (&op == &conv2d_input_gradient_op()) return input_gradient_shape(op.name, inputs[0], inputs[1], attributes);
  DUEL_CHECK(&op == &conv2d_weight_gradient_op(), "{} is no convolution", op.name);
  return weight_gradient_shape(op.name, inputs[0], inputs[1], attributes);
}

Tensor conv2d(const Tensor& images, const Tensor& weight, const Convolution& how) {
  const Attributes attributes = convolution_attributes(how);
  const ConvolutionShape shape = forward_shape("conv2d", images.shape(), weight.shape(), attributes);
  if (is_constant(images, 0) || is_constant(weight, 0)) return constant(images.graph(), 0, shape.outputs_shape());
  if (is_pointwise(shape.kernel, how)) return reshape(matmul(pixels(images), matrix(weight)), shape.outputs_shape());
  if (const auto cheaper = convolve_before_upsampling(images, weight, shape)) return *cheaper;
  return make(conv2d_op(), {images, weight}, attributes);
}

Tensor conv2d_input_gradient(const Tensor& outputs, const Tensor& weight, const Extent2& size, const Convolution& how) {
  const Attributes attributes = convolution_attributes(how).with("size", list_of(size));
  const ConvolutionShape shape =
      input_gradient_shape("conv2d_input_gradient", outputs.shape(), weight.shape(), attributes);
  if (is_constant(outputs, 0) || is_constant(weight, 0)) return constant(outputs.graph(), 0, shape.images_shape());
  if (is_pointwise(shape.kernel, how)) {
    return reshape(matmul(pixels(outputs), matrix(weight), false, true), shape.images_shape());
  }
  return make(conv2d_input_gradient_op(), {outputs, weight}, attributes);
}

Tensor conv2d_weight_gradient(const Tensor& images, const Tensor& outputs, const Extent2& kernel,
                              const Convolution& how) {
  const Attributes attributes = convolution_attributes(how).with("kernel", list_of(kernel));
  const ConvolutionShape shape =
      weight_gradient_shape("conv2d_weight_gradient", images.shape(), outputs.shape(), attributes);
  if (is_constant(images, 0) || is_constant(outputs, 0)) return constant(images.graph(), 0, shape.weight_shape());
  if (is_pointwise(kernel, how)) {
    return reshape(matmul(pixels(images), pixels(outputs), true, false), shape.weight_shape());
  }
  return make(conv2d_weight_gradient_op(), {images, outputs}, attributes);
}

}  // namespace duel
