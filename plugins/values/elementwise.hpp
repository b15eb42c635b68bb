// Functions of each element by itself.
#pragma once

#include "registry/value.hpp"

namespace duel {

// Function has `static constexpr const char* help` and `static Tensor apply(const Tensor&)`.
template <class Function>
class UnaryValue final : public ValueFunction {
 public:
  Expression x;

  Tensor build(ValueContext& context) const override { return Function::apply(context.evaluate(x)); }
  static void declare(Declaration<UnaryValue>& d) {
    d.help(Function::help);
    d.parameter("x", &UnaryValue::x, "the value").required();
  }
};

// The same with two arguments, of one shape or one that broadcasts to the other by NumPy's rule.
template <class Function>
class BinaryValue final : public ValueFunction {
 public:
  Expression a;
  Expression b;

  Tensor build(ValueContext& context) const override {
    const Tensor left = context.evaluate(a);
    return Function::apply(left, context.evaluate(b));
  }
  static void declare(Declaration<BinaryValue>& d) {
    d.help(Function::help);
    d.parameter("a", &BinaryValue::a, "one value").required();
    d.parameter("b", &BinaryValue::b, "another value, or a number").required();
  }
};

struct AbsFunction {
  static constexpr const char* help = "|x|, element by element";
  static Tensor apply(const Tensor& x) { return abs(x); }
};
struct ExpFunction {
  static constexpr const char* help = "e to the power of x, element by element";
  static Tensor apply(const Tensor& x) { return exp(x); }
};
struct LogFunction {
  static constexpr const char* help = "natural logarithm, element by element";
  static Tensor apply(const Tensor& x) { return log(x); }
};
struct SigmoidFunction {
  static constexpr const char* help = "1/(1 + e^-x), element by element";
  static Tensor apply(const Tensor& x) { return sigmoid(x); }
};
struct SignFunction {
  static constexpr const char* help = "1 where x is positive, -1 where it is negative, 0 at 0; without derivative";
  static Tensor apply(const Tensor& x) { return sign(x); }
};
struct SoftplusFunction {
  static constexpr const char* help = "log(1 + e^x), element by element";
  static Tensor apply(const Tensor& x) { return softplus(x); }
};
struct SqrtFunction {
  static constexpr const char* help = "square root, element by element; its derivative at 0 is infinite";
  static Tensor apply(const Tensor& x) { return sqrt(x); }
};
struct SquareFunction {
  static constexpr const char* help = "x², element by element";
  static Tensor apply(const Tensor& x) { return square(x); }
};
struct TanhFunction {
  static constexpr const char* help = "hyperbolic tangent, element by element";
  static Tensor apply(const Tensor& x) { return tanh(x); }
};
struct MaximumFunction {
  static constexpr const char* help = "the larger of two values, element by element";
  static Tensor apply(const Tensor& a, const Tensor& b) { return maximum(a, b); }
};
struct MinimumFunction {
  static constexpr const char* help = "the smaller of two values, element by element";
  static Tensor apply(const Tensor& a, const Tensor& b) { return minimum(a, b); }
};

}  // namespace duel
