// Elementwise ops: one table. To add one: a name in Elementwise (table.hpp), a row here at the same place, a function.
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/support.hpp"
#include "ops/table.hpp"

namespace duel {
namespace {

using E = Elementwise;

// What a derivative is written with: inputs a and b, the output, and the derivative of the loss by the output.
struct At {
  Tensor a;
  Tensor b;
  Tensor out;
  Tensor g;
};
using Partial = Tensor (*)(const At& t);

// One partial derivative an input, already multiplied by `g`; an input without one has nullptr.
struct Row {
  Elementwise which;
  std::string_view name;
  int arity;
  double (*scalar)(const double* x);
  std::array<Partial, 3> partials{};
};

constexpr double two_over_root_pi = 2 * std::numbers::inv_sqrtpi;

// clang-format off
constexpr Row rows[] = {
    {E::add, "add", 2, [](const double* x) { return x[0] + x[1]; },
     {[](const At& t) { return t.g; },
      [](const At& t) { return t.g; }}},
    {E::subtract, "subtract", 2, [](const double* x) { return x[0] - x[1]; },
     {[](const At& t) { return t.g; },
      [](const At& t) { return -t.g; }}},
    {E::multiply, "multiply", 2, [](const double* x) { return x[0] * x[1]; },
     {[](const At& t) { return t.g * t.b; },
      [](const At& t) { return t.g * t.a; }}},
    {E::divide, "divide", 2, [](const double* x) { return x[0] / x[1]; },
     {[](const At& t) { return t.g / t.b; },
      [](const At& t) { return -(t.g * t.out / t.b); }}},
    {E::maximum, "maximum", 2, [](const double* x) { return x[0] > x[1] || std::isnan(x[0]) ? x[0] : x[1]; },
     {[](const At& t) { return t.g * (greater(t.a, t.b) + 0.5 * equal(t.a, t.b)); },
      [](const At& t) { return t.g * (less(t.a, t.b) + 0.5 * equal(t.a, t.b)); }}},
    {E::minimum, "minimum", 2, [](const double* x) { return x[0] < x[1] || std::isnan(x[0]) ? x[0] : x[1]; },
     {[](const At& t) { return t.g * (less(t.a, t.b) + 0.5 * equal(t.a, t.b)); },
      [](const At& t) { return t.g * (greater(t.a, t.b) + 0.5 * equal(t.a, t.b)); }}},
    {E::power, "power", 2, [](const double* x) { return std::pow(x[0], x[1]); },
     {[](const At& t) { return t.g * (t.b * power(t.a, t.b - 1)); },
      [](const At& t) { return t.g * (t.out * log(t.a)); }}},
    {E::negate, "negate", 1, [](const double* x) { return -x[0]; },
     {[](const At& t) { return -t.g; }}},
    {E::square, "square", 1, [](const double* x) { return x[0] * x[0]; },
     {[](const At& t) { return t.g * (2 * t.a); }}},
    {E::sqrt, "sqrt", 1, [](const double* x) { return std::sqrt(x[0]); },
     {[](const At& t) { return t.g * (0.5 / t.out); }}},
    {E::rsqrt, "rsqrt", 1, [](const double* x) { return 1 / std::sqrt(x[0]); },
     {[](const At& t) { return t.g * (-0.5 * (square(t.out) * t.out)); }}},
    {E::reciprocal, "reciprocal", 1, [](const double* x) { return 1 / x[0]; },
     {[](const At& t) { return -(t.g * square(t.out)); }}},
    {E::exp, "exp", 1, [](const double* x) { return std::exp(x[0]); },
     {[](const At& t) { return t.g * t.out; }}},
    {E::log, "log", 1, [](const double* x) { return std::log(x[0]); },
     {[](const At& t) { return t.g / t.a; }}},
    {E::log1p, "log1p", 1, [](const double* x) { return std::log1p(x[0]); },
     {[](const At& t) { return t.g / (t.a + 1); }}},
    {E::tanh, "tanh", 1, [](const double* x) { return std::tanh(x[0]); },
     {[](const At& t) { return t.g * (1 - square(t.out)); }}},
    {E::sigmoid, "sigmoid", 1, [](const double* x) { return 1 / (1 + std::exp(-x[0])); },
     {[](const At& t) { return t.g * (t.out * (1 - t.out)); }}},
    {E::softplus, "softplus", 1,
     [](const double* x) { return (x[0] < 0 ? 0 : x[0]) + std::log1p(std::exp(-std::abs(x[0]))); },
     {[](const At& t) { return t.g * sigmoid(t.a); }}},
    {E::erf, "erf", 1, [](const double* x) { return std::erf(x[0]); },
     {[](const At& t) { return t.g * (two_over_root_pi * exp(-square(t.a))); }}},
    {E::sin, "sin", 1, [](const double* x) { return std::sin(x[0]); },
     {[](const At& t) { return t.g * cos(t.a); }}},
    {E::cos, "cos", 1, [](const double* x) { return std::cos(x[0]); },
     {[](const At& t) { return -(t.g * sin(t.a)); }}},
    {E::abs, "abs", 1, [](const double* x) { return std::abs(x[0]); },
     {[](const At& t) { return t.g * sign(t.a); }}},
    {E::sign, "sign", 1, [](const double* x) { return x[0] > 0 ? 1 : x[0] < 0 ? -1 : x[0]; }},
    {E::floor, "floor", 1, [](const double* x) { return std::floor(x[0]); }},
    {E::greater, "greater", 2, [](const double* x) { return x[0] > x[1] ? 1.0 : 0.0; }},
    {E::greater_equal, "greater_equal", 2, [](const double* x) { return x[0] >= x[1] ? 1.0 : 0.0; }},
    {E::less, "less", 2, [](const double* x) { return x[0] < x[1] ? 1.0 : 0.0; }},
    {E::less_equal, "less_equal", 2, [](const double* x) { return x[0] <= x[1] ? 1.0 : 0.0; }},
    {E::equal, "equal", 2, [](const double* x) { return x[0] == x[1] ? 1.0 : 0.0; }},
    {E::not_equal, "not_equal", 2, [](const double* x) { return x[0] != x[1] ? 1.0 : 0.0; }},
    {E::select, "select", 3, [](const double* x) { return x[0] != 0 ? x[1] : x[2]; },
     {nullptr,
      [](const At& t) { return select(t.a, t.g, constant_like(t.g, 0)); },
      [](const At& t) { return select(t.a, constant_like(t.g, 0), t.g); }}},
};
// clang-format on

constexpr auto count = static_cast<std::size_t>(Elementwise::count);
static_assert(std::size(rows) == count, "every Elementwise has a row");
static_assert(
    [] {
      for (std::size_t i = 0; i < count; ++i) {
        if (static_cast<std::size_t>(rows[i].which) != i) return false;
      }
      return true;
    }(),
    "rows stand in the order of Elementwise");

Shape common_shape(std::span<const Shape> inputs, const Attributes&) {
  for (const Shape& shape : inputs) {
    if (shape != inputs[0]) {
      throw ShapeError(
          fmt::format("an elementwise op: the shapes differ: {} and {}", to_string(inputs[0]), to_string(shape)));
    }
  }
  return inputs[0];
}

std::vector<Tensor> chain(const GradientCall& call) {
  const Row& row = rows[static_cast<std::size_t>(elementwise_of(*call.node.op))];
  const At at{call.inputs[0], call.inputs.size() > 1 ? call.inputs[1] : Tensor(), call.output, call.gradient};
  std::vector<Tensor> gradients(call.inputs.size());
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (call.wanted[i] && row.partials[i]) gradients[i] = row.partials[i](at);
  }
  return gradients;
}

void apply(const Node& node, std::span<const HostTensor* const> inputs, const ReferenceContext&, HostTensor& output) {
  std::array<double, 3> x{};
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    for (std::size_t j = 0; j < inputs.size(); ++j) x[j] = inputs[j]->values[i];
    output.values[i] = node.op->scalar(x.data());
  }
}

// The records that the rows describe.
constexpr std::array<Op, count> records = [] {
  std::array<Op, count> ops{};
  for (std::size_t i = 0; i < count; ++i) {
    const Row& row = rows[i];
    const bool smooth = row.partials[0] || row.partials[1] || row.partials[2];
    ops[i] = {.name = row.name,
              .kind = OpKind::elementwise,
              .arity = row.arity,
              .shape = common_shape,
              .gradient = smooth ? chain : nullptr,
              .scalar = row.scalar,
              .reference = apply,
              .flops = one_flop_an_input};
  }
  return ops;
}();

// The shape that both sides broadcast to.
Shape together(std::string_view function, const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape out = longer;
  for (int axis = 1; axis <= shorter.rank(); ++axis) {
    if (longer[-axis] == shorter[-axis] || shorter[-axis] == 1) continue;
    if (longer[-axis] != 1) {
      throw ShapeError(fmt::format("{}: {} and {} do not broadcast together", function, to_string(a), to_string(b)));
    }
    out[-axis] = shorter[-axis];
  }
  return out;
}

// The node, or its value where all inputs are constants.
Tensor fold(Elementwise which, std::initializer_list<Tensor> inputs) {
  std::array<double, 3> x{};
  std::size_t known = 0;
  for (const Tensor& input : inputs) {
    const auto value = constant_value(input);
    if (!value) return make(op_of(which), inputs);
    x[known++] = *value;
  }
  return constant_like(*inputs.begin(), op_of(which).scalar(x.data()));
}

struct Pair {
  Tensor a;
  Tensor b;
};

Pair broadcast_pair(std::string_view function, const Tensor& a, const Tensor& b) {
  const Shape shape = together(function, a.shape(), b.shape());
  return {broadcast(a, shape), broadcast(b, shape)};
}

Tensor binary(Elementwise which, const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair(op_of(which).name, left, right);
  return fold(which, {a, b});
}

}  // namespace

const Op& op_of(Elementwise which) { return records[static_cast<std::size_t>(which)]; }

Elementwise elementwise_of(const Op& op) {
  DUEL_CHECK(op.kind == OpKind::elementwise, "{} is not elementwise", op.name);
  const auto index = static_cast<std::size_t>(&op - records.data());
  DUEL_CHECK(index < count, "{} is not of the table of elementwise ops", op.name);
  return static_cast<Elementwise>(index);
}

// The identities that gradients produce in plenty are taken away here, where both shapes are known to be one.

Tensor operator+(const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair("add", left, right);
  if (is_constant(a, 0)) return b;
  if (is_constant(b, 0)) return a;
  return fold(E::add, {a, b});
}

Tensor operator-(const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair("subtract", left, right);
  return is_constant(b, 0) ? a : fold(E::subtract, {a, b});
}

Tensor operator*(const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair("multiply", left, right);
  if (is_constant(a, 0) || is_constant(b, 0)) return constant_like(a, 0);
  if (is_constant(a, 1)) return b;
  if (is_constant(b, 1)) return a;
  return fold(E::multiply, {a, b});
}

Tensor operator/(const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair("divide", left, right);
  return is_constant(b, 1) ? a : fold(E::divide, {a, b});
}

Tensor operator-(const Tensor& a) {
  if (a.node().op == &op_of(E::negate)) return {a.graph(), a.node().inputs[0]};
  return fold(E::negate, {a});
}

Tensor power(const Tensor& left, const Tensor& right) {
  const auto [a, b] = broadcast_pair("power", left, right);
  if (is_constant(b, 0)) return constant_like(a, 1);
  if (is_constant(b, 1)) return a;
  if (is_constant(b, 2)) return square(a);
  return fold(E::power, {a, b});
}

Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const Shape branches = together("select", a.shape(), b.shape());
  const Shape shape = together("select", condition.shape(), branches);
  const Tensor yes = broadcast(a, shape);
  const Tensor no = broadcast(b, shape);
  if (const auto known = constant_value(condition)) return *known != 0 ? yes : no;
  if (yes == no) return yes;
  return fold(E::select, {broadcast(condition, shape), yes, no});
}

Tensor operator+(const Tensor& a, double b) { return a + constant_like(a, b); }
Tensor operator-(const Tensor& a, double b) { return a - constant_like(a, b); }
Tensor operator*(const Tensor& a, double b) { return a * constant_like(a, b); }
Tensor operator/(const Tensor& a, double b) { return a / constant_like(a, b); }
Tensor operator+(double a, const Tensor& b) { return constant_like(b, a) + b; }
Tensor operator-(double a, const Tensor& b) { return constant_like(b, a) - b; }
Tensor operator*(double a, const Tensor& b) { return constant_like(b, a) * b; }
Tensor operator/(double a, const Tensor& b) { return constant_like(b, a) / b; }

Tensor maximum(const Tensor& a, const Tensor& b) { return binary(E::maximum, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return binary(E::minimum, a, b); }
Tensor maximum(const Tensor& a, double b) { return maximum(a, constant_like(a, b)); }
Tensor minimum(const Tensor& a, double b) { return minimum(a, constant_like(a, b)); }
Tensor power(const Tensor& a, double b) { return power(a, constant_like(a, b)); }
Tensor square(const Tensor& a) { return fold(E::square, {a}); }
Tensor sqrt(const Tensor& a) { return fold(E::sqrt, {a}); }
Tensor rsqrt(const Tensor& a) { return fold(E::rsqrt, {a}); }
Tensor reciprocal(const Tensor& a) { return fold(E::reciprocal, {a}); }
Tensor exp(const Tensor& a) { return fold(E::exp, {a}); }
Tensor log(const Tensor& a) { return fold(E::log, {a}); }
Tensor log1p(const Tensor& a) { return fold(E::log1p, {a}); }
Tensor tanh(const Tensor& a) { return fold(E::tanh, {a}); }
Tensor sigmoid(const Tensor& a) { return fold(E::sigmoid, {a}); }
Tensor softplus(const Tensor& a) { return fold(E::softplus, {a}); }
Tensor erf(const Tensor& a) { return fold(E::erf, {a}); }
Tensor sin(const Tensor& a) { return fold(E::sin, {a}); }
Tensor cos(const Tensor& a) { return fold(E::cos, {a}); }
Tensor abs(const Tensor& a) { return fold(E::abs, {a}); }
Tensor sign(const Tensor& a) { return fold(E::sign, {a}); }
Tensor floor(const Tensor& a) { return fold(E::floor, {a}); }
Tensor greater(const Tensor& a, const Tensor& b) { return binary(E::greater, a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return binary(E::greater_equal, a, b); }
Tensor less(const Tensor& a, const Tensor& b) { return binary(E::less, a, b); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return binary(E::less_equal, a, b); }
Tensor equal(const Tensor& a, const Tensor& b) { return binary(E::equal, a, b); }
Tensor not_equal(const Tensor& a, const Tensor& b) { return binary(E::not_equal, a, b); }
Tensor greater(const Tensor& a, double b) { return greater(a, constant_like(a, b)); }

}  // namespace duel
