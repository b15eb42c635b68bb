// First and second derivatives of every loss and value function against central differences.
#include <gmock/gmock.h>

#include <set>

#include "gradient/differentiate.hpp"
#include "tests/gradient/losses/loss_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/value_harness.hpp"

namespace duel {
namespace {

// Inputs are called a, b, c in their order.
struct Case {
  std::string kind;
  std::string text;  // a loss in YAML, or an expression
  std::vector<HostTensor> inputs;
};

// Both signs, at least 0.2 away from 0.
HostTensor numbers(const Shape& shape, uint64_t seed = 1) {
  HostTensor tensor = random_tensor(shape, seed, 0.2, 2);
  for (std::size_t i = 0; i < tensor.values.size(); i += 2) tensor.values[i] *= -1;
  return tensor;
}

HostTensor shares(const Shape& shape, uint64_t seed = 1) { return random_tensor(shape, seed, 0.05, 0.95); }

std::vector<Case> loss_cases() {
  const HostTensor real = numbers({3, 1}, 1);
  const HostTensor fake = numbers({4, 1}, 2);
  const std::string discriminator = "{real: a, fake: b, side: discriminator}";
  const std::string generator = "{fake: a, side: generator}";
  std::vector<Case> cases{
      {"bce", "bce: {logits: a, target: 1}", {real}},
      {"bce", "bce: {logits: a, target: b, smoothing: 0.2}", {real, shares({3, 1})}},
      {"bce", "bce: {probabilities: a, target: b}", {shares({3, 1}, 1), shares({3, 1}, 2)}},
      {"least_squares", "least_squares: {prediction: a, target: b}", {real, numbers({3}, 2)}},
      {"l1", "l1: {value: a, target: b}", {numbers({2, 3}, 1), numbers({2, 3}, 2)}},
      {"l2", "l2: {value: a, target: b}", {numbers({2, 3}, 1), numbers({2, 3}, 2)}},
      {"huber", "huber: {value: a, target: b, delta: 0.7}", {numbers({2, 3}, 1), numbers({2, 3}, 2)}},
      {"cross_entropy", "cross_entropy: {logits: a, target: b}", {numbers({2, 3}), shares({2, 3})}},
      {"cross_entropy", "cross_entropy: {logits: a, labels: b, smoothing: 0.1}", {numbers({2, 3}), {{2}, {2, 0}}}},
      {"bce", "bce: {logits: a, target: b, flip: 0.5, top: 0.6}", {real, shares({3, 1})}},
      {"consistency", "consistency: {of: a, augmented: b}", {numbers({2, 3}, 1), numbers({2, 3}, 2)}},
      {"feature_matching", "feature_matching: {real: a, fake: b}", {numbers({2, 3}, 1), numbers({4, 3}, 2)}},
      {"feature_matching", "feature_matching: {real: a, fake: b, order: 1}", {numbers({2, 3}, 1), numbers({4, 3}, 2)}},
      {"info", "info: {prediction: a, code: b}", {numbers({2, 3}), {{2}, {2, 0}}}},
      {"info",
       "info: {prediction: a, code: b, distribution: normal, log_deviation: c}",
       {numbers({2, 3}, 1), numbers({2, 3}, 2), numbers({2, 3}, 3)}},
      {"lecam", "lecam: {real: a, fake: b}", {real, fake}},
      {"orthogonal", "orthogonal: net", {numbers({3, 2}, 1)}},
      {"orthogonal", "orthogonal: {networks: [net], form: full}", {numbers({3, 2}, 1)}},
      {"expression", "expression: \"square(a - 1) * b\"", {real, numbers({3, 1}, 2)}},
      {"gradient_penalty", "gradient_penalty: {of: exp(a) * b, wrt: a}", {numbers({3, 2}, 1), numbers({3, 2}, 2)}},
      {"gradient_penalty", "gradient_penalty: {of: exp(a), wrt: a, target: 0.9, sides: one}", {numbers({3, 2})}},
      {"gradient_penalty", "gradient_penalty: {of: exp(a), wrt: a, target: 0}", {numbers({3, 2})}},
      {"r1", "r1: {of: exp(a) * b, wrt: a}", {numbers({3, 2}, 1), numbers({3, 2}, 2)}},
      {"r2", "r2: {of: exp(a) * b, wrt: a}", {numbers({3, 2}, 1), numbers({3, 2}, 2)}},
  };
  for (const std::string side : {"discriminator", "generator"}) {
    const std::string relativistic = "relativistic: {real: a, fake: b, side: " + side;
    cases.push_back({"relativistic", relativistic + "}", {real, fake}});
    cases.push_back({"relativistic", relativistic + ", form: hinge}", {real, fake}});
    cases.push_back(
        {"relativistic", relativistic + ", form: least_squares, average: false}", {real, numbers({3, 1}, 2)}});
  }
  for (const std::string kind : {"minimax", "non_saturating", "hinge", "wasserstein", "least_squares"}) {
    cases.push_back({kind, kind + ": " + discriminator, {real, fake}});
    cases.push_back({kind, kind + ": " + generator, {fake}});
    cases.push_back({kind, kind + ": {fake: a, side: generator, top: 0.5}", {fake}});
  }
  return cases;
}

std::vector<Case> value_cases() {
  const HostTensor rows = numbers({3, 2}, 1);
  const HostTensor others = numbers({3, 2}, 2);
  const HostTensor positive = random_tensor({3, 2}, 3, 0.3, 2);
  const HostTensor image = numbers({2, 4, 4, 2}, 4);
  return {
      {"abs", "abs(a)", {rows}},
      {"adaptive", "a * adaptive(mean(a), target=0.1, images=10)", {rows}},
      {"blur", "square(blur(a, [1, 2, 1], border=reflect))", {image}},
      {"categorical", "a * categorical(3, probabilities=[0.5, 0.25, 0.25], batch=2)", {rows}},
      {"clip", "square(clip(a, -0.7, 1.1)) * clip(b, low=a - 0.5, high=3)", {rows, others}},
      {"concat", "square(concat(a, b, a, axis=1))", {rows, others}},
      {"diff_augment", "square(diff_augment(a))", {image}},
      {"diff_augment", "diff_augment(a, policy=[cutout, color], probability=0.5) * a", {image}},
      {"downsample", "square(downsample(a))", {image}},
      {"each_class", "a * reshape(each_class(2), 1)", {rows}},
      {"edges", "edges(a)", {image}},
      {"exp", "exp(a)", {rows}},
      {"flip", "flip(a, axis=1) * a", {rows}},
      {"flip", "flip(a, probability=0.5) * a", {numbers({2, 2, 3, 1})}},
      {"gradient", "gradient(square(a) * tanh(b), a)", {rows, others}},
      {"gradient", "square(norm(gradient(tanh(a * b), a)) - 1)", {rows, others}},
      {"greyscale", "square(greyscale(a))", {numbers({2, 2, 2, 3})}},
      {"interpolate", "square(interpolate(a, b))", {rows, others}},
      {"log", "log(a)", {positive}},
      {"maximum", "square(maximum(a, b))", {rows, others}},
      {"mean", "square(mean(a))", {rows}},
      {"mean", "square(a - mean(a, axes=1, keep=true))", {rows}},
      {"minimum", "square(minimum(a, 0.1))", {rows}},
      {"mix_styles", "mix_styles(a, tanh(b), 4) * mix_styles(b, a, 4, at=1)", {rows, others}},
      {"noise", "square(noise(a, 0.5))", {rows}},
      {"norm", "norm(a)", {numbers({2, 2, 3})}},
      {"normal", "square(a * normal(2, mean=1, deviation=3))", {rows}},
      {"one_hot", "square(a) * one_hot(b, 2)", {rows, {{3}, {1, 0, 1}}}},
      {"normal", "square(a * normal(2, truncation=1))", {rows}},
      {"pack", "square(pack(a, 2))", {numbers({4, 2, 3})}},
      {"perturb", "square(perturb(normal(2)) * a)", {rows}},
      {"previous", "a * previous(mean(a), initial=2)", {rows}},
      {"ramp", "square(a * ramp(-1, 2))", {rows}},
      {"repeat_rows", "square(repeat_rows(a, 2)) * a", {rows}},
      {"replay", "square(replay(a, 3))", {rows}},
      {"reshape", "square(reshape(a, [3, 2]))", {numbers({2, 6})}},
      {"select", "select(a > 0, square(a), a * b)", {rows, others}},
      {"sigmoid", "sigmoid(a)", {rows}},
      {"sign", "a * sign(b)", {rows, others}},
      {"softplus", "softplus(a)", {rows}},
      {"sqrt", "sqrt(a)", {positive}},
      {"square", "square(a)", {rows}},
      {"stop_gradient", "square(a) + stop_gradient(3)", {rows}},  // and StopGradientIsAConstant below
      {"styles", "square(styles(a, 3))", {rows}},
      {"sum", "square(sum(a, axes=[0]))", {rows}},
      {"tanh", "tanh(a)", {rows}},
      {"uniform", "square(a * uniform(2, low=-1, high=1))", {rows}},
      {"upsample", "square(upsample(a, [1, 2], method=bilinear))", {image}},
      {"walk", "square(walk(a, 2))", {rows}},
      {"walk", "walk(a, 3, method=spherical)", {numbers({4, 3})}},
  };
}

std::set<std::string> kinds_of(const std::vector<Case>& cases) {
  std::set<std::string> kinds;
  for (const Case& one : cases) kinds.insert(one.kind);
  return kinds;
}

TEST(LossDifferences, AgreeWithDerivatives) {
  for (const Case& one : loss_cases()) {
    const auto loss = read_component(loss_registry(), loss_registry().losses, one.text);
    const auto subject = [&](Graph& graph, std::span<const Tensor> inputs) {
      TestValueContext context(graph, 3);
      context.define_in_order(inputs);
      context.define_weights("net", {{"weight", inputs[0]}});
      return loss->build(context);
    };
    EXPECT_TRUE(check_gradients(subject, one.inputs)) << one.text;
  }
}

TEST(LossDifferences, CoverEveryLoss) {
  EXPECT_THAT(loss_registry().losses.kinds(), testing::UnorderedElementsAreArray(kinds_of(loss_cases())));
}

TEST(ValueDifferences, AgreeWithDerivatives) {
  for (const Case& one : value_cases()) {
    const auto subject = [&](Graph& graph, std::span<const Tensor> inputs) {
      TestValueContext context(graph, 3);
      context.define_in_order(inputs);
      return evaluate_text(loss_registry(), context, one.text);
    };
    EXPECT_TRUE(check_gradients(subject, one.inputs)) << one.text;
  }
}

TEST(ValueDifferences, CoverEveryValue) {
  EXPECT_THAT(loss_registry().values.kinds(), testing::UnorderedElementsAreArray(kinds_of(value_cases())));
}

TEST(ValueDifferences, StopGradientIsAConstant) {
  const auto subject = [](Graph& graph, std::span<const Tensor> inputs) {
    TestValueContext context(graph);
    context.define("a", inputs[0]);
    const Tensor product = evaluate_text(loss_registry(), context, "a * stop_gradient(a)");
    return differentiate(sum(product), inputs)[0];
  };
  EXPECT_EQ(evaluate(subject, {{{2}, {3, -5}}}).values, (std::vector<double>{3, -5}));
}

}  // namespace
}  // namespace duel
