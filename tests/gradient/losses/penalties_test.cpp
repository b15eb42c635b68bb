// What trains a discriminator under a gradient penalty: the derivative of the penalty by the discriminator's weights,
// which is of second order, through the layers that discriminators are made of, against central differences.
#include <gtest/gtest.h>

#include "plugins/initializers/register.hpp"
#include "plugins/layers/register.hpp"
#include "plugins/losses/register.hpp"
#include "plugins/values/register.hpp"
#include "registry/layer_list.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/value_harness.hpp"

namespace duel {
namespace {

const Registry& penalty_registry() {
  return filled_registry<register_losses, register_values, register_layers, register_initializers>();
}

struct Critic {
  std::string name;
  std::string layers;
  Shape example;
};

// Between them they have every layer that published discriminators with a penalty use, and smooth and kinked functions.
std::vector<Critic> critics() {
  return {
      {"dense and tanh", "[dense: 4, tanh, dense: 1]", {3}},
      {"dense, layer_norm and leaky_relu", "[dense: 4, layer_norm, leaky_relu: 0.2, dense: 1]", {3}},
      {"conv2d and leaky_relu",
       "[conv2d: {filters: 3, kernel: 3, stride: 2, padding: same}, leaky_relu: 0.2, flatten, dense: 1]",
       {4, 4, 2}},
      {"conv2d, instance_norm and softplus",
       "[conv2d: {filters: 3, kernel: 3, padding: same}, instance_norm, softplus, flatten, dense: 1]",
       {3, 3, 1}},
      {"conv2d_transpose and tanh",
       "[conv2d_transpose: {filters: 2, kernel: 4, stride: 2, padding: same}, tanh, flatten, dense: 1]",
       {2, 2, 2}},
      {"self_attention and softplus",
       "[conv2d: {filters: 2, kernel: 1}, softplus, self_attention: {reduction: 1, pool: false}, flatten, dense: 1]",
       {2, 2, 2}},
      {"a residual block and average_pool",
       "[residual: [conv2d: {filters: 2, kernel: 3, padding: same}, tanh], average_pool, flatten, dense: 1]",
       {4, 4, 2}},
      {"spectral_norm", "[spectral_norm: {layer: {dense: 4}}, leaky_relu: 0.1, dense: 1]", {3}},
  };
}

struct Penalty {
  std::string name;
  std::string at;  // where the gradient is taken, of real a and fake b
  std::string loss;
};

std::vector<Penalty> penalties() {
  return {
      {"WGAN-GP", "interpolate(a, b)", "gradient_penalty: {of: d_x, wrt: x}"},
      {"WGAN-GP with another target", "interpolate(a, b)", "gradient_penalty: {of: d_x, wrt: x, target: 0.05}"},
      {"WGAN-LP", "interpolate(a, b)", "gradient_penalty: {of: d_x, wrt: x, target: 0.02, sides: one}"},
      {"zero-centred", "interpolate(a, b)", "gradient_penalty: {of: d_x, wrt: x, target: 0}"},
      {"DRAGAN", "perturb(a)", "gradient_penalty: {of: d_x, wrt: x}"},
      {"DRAGAN as it was published", "interpolate(perturb(a), a)", "gradient_penalty: {of: d_x, wrt: x}"},
      {"R1", "a", "r1: {of: d_x, wrt: x}"},
      {"R2", "b", "r2: {of: d_x, wrt: x}"},
  };
}

std::vector<LayerSpec> layers_of(const std::string& yaml, const std::vector<std::string>& inputs = {"x"}) {
  Problems problems;
  ReadContext context{.registry = penalty_registry(), .problems = problems, .path = "layers"};
  std::vector<LayerSpec> layers;
  read_layers(layers, parse_yaml(yaml, "test"), context, inputs);
  problems.throw_if_any();
  return layers;
}

TEST(Penalties, TrainTheWeightsOfEveryKindOfLayer) {
  for (const Critic& critic : critics()) {
    const std::vector<LayerSpec> layers = layers_of(critic.layers);
    const Shape batch = critic.example.prepend(2);
    for (const Penalty& penalty : penalties()) {
      const auto loss = read_component(penalty_registry(), penalty_registry().losses, penalty.loss);
      const auto subject = [&](Graph& graph, std::span<const Tensor>) {
        TestValueContext context(graph, 2);
        context.define("a", random_normal(graph, {.key = 5}, batch));
        context.define("b", random_normal(graph, {.key = 6}, batch));
        const Tensor x = evaluate_text(penalty_registry(), context, penalty.at);
        TestLayerContext network(graph, Mode::inference, 2);
        const std::vector<std::pair<std::string, Tensor>> named{{"x", x}};
        context.define("x", x);
        context.define("d_x", build_layers(network, layers, named).value);
        return loss->build(context);
      };
      const GradientCheckOptions options{
          .step = 1e-6, .absolute = 1e-8, .relative = 1e-5, .orders = 1, .variables = {}};
      EXPECT_TRUE(check_gradients(subject, {}, options)) << penalty.name << " through " << critic.name;
    }
  }
}

// Path lengths (Karras et al. 2020, section 3.2) through a synthesis network of two styles, as experiments write them.
TEST(PathLengths, TrainTheWeightsOfASynthesisNetwork) {
  const std::vector<LayerSpec> layers = layers_of(
      "[modulated_conv2d: {filters: 3, style: 0, from: [x, w], as: a}, noise_injection: {from: a}, softplus,"
      " upsample: {method: bilinear, as: u}, modulated_conv2d: {filters: 2, style: 1, from: [u, w]}, leaky_relu: 0.2,"
      " conv2d: {filters: 1, kernel: 1}]",
      {"x", "w"});
  const auto subject = [&](Graph& graph, std::span<const Tensor>) {
    TestValueContext context(graph, 2);
    const Tensor x = random_normal(graph, {.key = 5}, {2, 2, 2, 2});
    const Tensor w = random_normal(graph, {.key = 6}, {2, 2, 3});
    TestLayerContext network(graph, Mode::inference, 2);
    const std::vector<std::pair<std::string, Tensor>> named{{"x", x}, {"w", w}};
    context.define("w", w);
    context.define("made", build_layers(network, layers, named).value);
    context.define("noise", random_normal(graph, {.key = 7}, {2, 4, 4, 1}));
    context.define("moved", evaluate_text(penalty_registry(), context, "gradient(sum(made * noise / 4), w)"));
    context.define("length",
                   evaluate_text(penalty_registry(), context, "sqrt(mean(sum(square(moved), axes=[2]), axes=[1]))"));
    return evaluate_text(penalty_registry(), context, "mean(square(length - 0.1))");
  };
  const GradientCheckOptions options{.step = 1e-6, .absolute = 1e-8, .relative = 1e-5, .orders = 1, .variables = {}};
  EXPECT_TRUE(check_gradients(subject, {}, options));
}

}  // namespace
}  // namespace duel
