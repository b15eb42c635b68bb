// Derivatives against central differences, for anything that is built of ops: an op, a layer, a loss.
//
//   EXPECT_TRUE(check_gradients([](Graph&, std::span<const Tensor> x) { return tanh(x[0]) * x[1]; },
//                               {random_tensor({3, 2}, 1), random_tensor({2}, 2)}));
//
// Everything runs in double precision by interpret(). Keep the inputs away from kinks by more than `step`.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ops/interpret.hpp"

namespace duel {

// Builds what is to be checked, of any shape; it may declare variables, and may read random numbers. It is called
// several times, each time with another graph, and must build the same.
using GradientSubject = std::function<Tensor(Graph& graph, std::span<const Tensor> inputs)>;

struct GradientCheckOptions {
  double step = 1e-6;
  double absolute = 1e-5;  // |analytic - numeric| ≤ absolute + relative · |numeric|
  double relative = 1e-3;
  int orders = 2;  // 2: the first derivatives and the derivatives of these
  // What the variables that the subject declares start with; those not named here are drawn at random. Their
  // derivatives are checked as those of the inputs are.
  std::map<std::string, HostTensor> variables;
};

// The subject is made one number by fixed random weights, as are its first derivatives for the second order. The
// failure names the input or variable, the element, and both values.
testing::AssertionResult check_gradients(const GradientSubject& subject, const std::vector<HostTensor>& inputs,
                                         const GradientCheckOptions& options = {});

// Numbers between low and high, the same for the same shape and seed.
HostTensor random_tensor(const Shape& shape, uint64_t seed, double low = -1, double high = 1);

// The inputs given by value, named "0", "1", …: a graph of them, evaluated. For checks of values.
HostTensor evaluate(const GradientSubject& subject, const std::vector<HostTensor>& inputs = {},
                    const ReferenceContext& context = {});

}  // namespace duel
