#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/records.hpp"
#include "ops/support.hpp"

namespace duel {
namespace {

// The extents of a product: batch × [rows, inner] × [inner, columns].
struct Product {
  int64_t batch = 1;
  int64_t rows = 0;
  int64_t inner = 0;
  int64_t columns = 0;
};

[[noreturn]] void refuse(std::string_view why, const Shape& a, const Shape& b, const Attributes& attributes) {
  throw ShapeError(fmt::format("matmul: {}: {}{} × {}{}", why, to_string(a),
                               attributes.flag("transpose_a") ? " transposed" : "", to_string(b),
                               attributes.flag("transpose_b") ? " transposed" : ""));
}

Product product_of(const Shape& a, const Shape& b, const Attributes& attributes) {
  if (a.rank() != b.rank() || (a.rank() != 2 && a.rank() != 3)) {
    refuse("takes two matrices, or two batches of matrices", a, b, attributes);
  }
  if (a.rank() == 3 && a[0] != b[0]) refuse("the batches differ", a, b, attributes);
  const bool transpose_a = attributes.flag("transpose_a");
  const bool transpose_b = attributes.flag("transpose_b");
  const int64_t inner = transpose_a ? a[-2] : a[-1];
  if (inner != (transpose_b ? b[-1] : b[-2])) refuse("the inner extents differ", a, b, attributes);
  return {a.rank() == 3 ? a[0] : 1, transpose_a ? a[-1] : a[-2], inner, transpose_b ? b[-2] : b[-1]};
}

Shape product_shape(std::span<const Shape> inputs, const Attributes& attributes) {
  const Product product = product_of(inputs[0], inputs[1], attributes);
  const Shape matrix{product.rows, product.columns};
  return inputs[0].rank() == 3 ? matrix.prepend(product.batch) : matrix;
}

std::vector<Tensor> product_gradient(const GradientCall& call) {
  const bool transpose_a = call.node.attributes.flag("transpose_a");
  const bool transpose_b = call.node.attributes.flag("transpose_b");
  const Tensor& a = call.inputs[0];
  const Tensor& b = call.inputs[1];
  std::vector<Tensor> gradients(2);
  if (call.wanted[0]) {
    gradients[0] =
        transpose_a ? matmul(b, call.gradient, transpose_b, true) : matmul(call.gradient, b, false, !transpose_b);
  }
  if (call.wanted[1]) {
    gradients[1] =
        transpose_b ? matmul(call.gradient, a, true, transpose_a) : matmul(a, call.gradient, !transpose_a, false);
  }
  return gradients;
}

void multiply(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&,
              HostTensor& output) {
  const auto& [batch, rows, inner, columns] = product_of(inputs[0]->shape, inputs[1]->shape, node.attributes);
  const bool transpose_a = node.attributes.flag("transpose_a");
  const bool transpose_b = node.attributes.flag("transpose_b");
  for (int64_t matrix = 0; matrix < batch; ++matrix) {
    const double* a = inputs[0]->values.data() + matrix * rows * inner;
    const double* b = inputs[1]->values.data() + matrix * inner * columns;
    double* out = output.values.data() + matrix * rows * columns;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < inner; ++k) {
          sum += a[transpose_a ? k * rows + i : i * inner + k] * b[transpose_b ? j * inner + k : k * columns + j];
        }
        out[i * columns + j] = sum;
      }
    }
  }
}

double matmul_flops(const Node& node, std::span<const Shape> inputs) {
  const Product product = product_of(inputs[0], inputs[1], node.attributes);
  return 2.0 * static_cast<double>(product.batch) * static_cast<double>(product.rows) *
         static_cast<double>(product.inner) * static_cast<double>(product.columns);
}

constexpr Op matmul_record{.name = "matmul",
                           .kind = OpKind::contraction,
                           .arity = 2,
                           .shape = product_shape,
                           .gradient = product_gradient,
                           .reference = multiply,
                           .flops = matmul_flops};

}  // namespace

const Op& matmul_op() { return matmul_record; }

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  Attributes attributes{{"transpose_a", transpose_a}, {"transpose_b", transpose_b}};
  if (is_constant(a, 0) || is_constant(b, 0)) {
    const Shape shapes[] = {a.shape(), b.shape()};
    return constant(a.graph(), 0, product_shape(shapes, attributes));
  }
  return make(matmul_op(), {a, b}, std::move(attributes));
}

}  // namespace duel
