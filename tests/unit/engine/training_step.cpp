#include "training_step.hpp"

#include "ops/ops.hpp"

namespace duel {
namespace {

constexpr int64_t batch = 256;
constexpr int64_t features = 96;
constexpr int64_t hidden = 160;

void update(Graph& graph, const std::string& name, const Tensor& weight, const Tensor& gradient) {
  const std::string momentum_name = name + "/momentum";
  const Tensor momentum(graph, graph.variable(momentum_name, weight.shape()));
  const Tensor next(graph, graph.assign(momentum_name, (momentum * 0.9 + gradient).id()));
  graph.assign(name, (weight - 0.01 * next).id());
}

}  // namespace

Graph training_step(DType dtype) {
  Graph graph(dtype);
  const Tensor x(graph, graph.input("x", {batch, features}));
  const Tensor first(graph, graph.variable("first", {features, hidden}));
  const Tensor second(graph, graph.variable("second", {hidden, features}));
  const int64_t rows[] = {0};

  const Tensor dense = matmul(x, first);
  const Tensor centred = dense - mean(dense, rows, true);
  const Tensor scale = rsqrt(mean(square(centred), rows, true) + 1e-5);
  const Tensor normal = centred * scale;
  const Tensor h = maximum(normal, normal * 0.2);
  const Tensor y = matmul(h, second);
  const Tensor noise = random_normal(graph, {.key = 99}, {batch, features});
  const Tensor difference = y - (x + noise * 0.1);
  graph.add_output("loss", mean(square(difference)).id());

  const Tensor dy = difference * (2.0 / static_cast<double>(batch * features));
  const Tensor dh = matmul(dy, second, false, true);
  const Tensor dnormal = dh * (greater(normal, 0.0) * 0.8 + 0.2);
  const Tensor dcentred = scale * (dnormal - mean(dnormal, rows, true) - normal * mean(dnormal * normal, rows, true));
  update(graph, "second", second, matmul(h, dy, true));
  update(graph, "first", first, matmul(x, dcentred, true));
  return graph;
}

}  // namespace duel
