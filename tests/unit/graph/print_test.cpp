#include "graph/print.hpp"

#include <gtest/gtest.h>

#include "graph/tensor.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

// One step of gradient descent on a linear map, written by hand.
Graph small_step() {
  Graph graph;
  const Tensor x(graph, graph.input("data/images", {64, 3}));
  const Tensor w(graph, graph.variable("critic/weight", {2, 3}));
  graph.variable("critic/bias", {2});
  const Tensor score = matmul(x, w, false, true);
  exp(score);  // dead
  graph.add_output("loss", mean(score).id());
  graph.assign("critic/weight", (w - 0.5).id());
  return graph;
}

TEST(PrintGraph, Text) {
  EXPECT_EQ(print_graph(small_step()),
            "%0 = input {name=data/images, shape=[64, 3]} : float32[64, 3]\n"
            "%1 = variable {name=critic/weight, shape=[2, 3]} : float32[2, 3]\n"
            "%3 = matmul %0 %1 {transpose_a=false, transpose_b=true} : float32[64, 2]\n"
            "%5 = sum %3 {axes=[0, 1]} : float32[]\n"
            "%6 = constant {shape=[], value=0.0078125} : float32[]\n"
            "%7 = multiply %5 %6 : float32[]\n"
            "%8 = constant {shape=[2, 3], value=0.5} : float32[2, 3]\n"
            "%9 = subtract %1 %8 : float32[2, 3]\n"
            "%10 = assign %9 {name=critic/weight, version=1} : float32[2, 3]\n"
            "output loss = %7\n"
            "variable critic/weight = %1 -> %10\n"
            "variable critic/bias = %2\n");
}

TEST(PrintGraph, Graphviz) {
  Graph graph;
  const Tensor x(graph, graph.input("a \"quoted\" name", {2}));
  graph.variable("w", {2});
  graph.add_output("y", exp(x).id());
  graph.assign("w", x.id());
  EXPECT_EQ(print_graphviz(graph),
            "digraph step {\n"
            "  node [shape=box, fontname=\"monospace\"];\n"
            "  n0 [label=\"%0 input {name=a \\\"quoted\\\" name, shape=[2]} : float32[2]\"];\n"
            "  n2 [label=\"%2 exp : float32[2]\"];\n"
            "  n0 -> n2;\n"
            "  n3 [label=\"%3 assign {name=w, version=1} : float32[2]\"];\n"
            "  n0 -> n3;\n"
            "  output0 [shape=ellipse, label=\"y\"];\n"
            "  n2 -> output0;\n"
            "  v3 [shape=ellipse, label=\"w (next)\"];\n"
            "  n3 -> v3;\n"
            "}\n");
}

}  // namespace
}  // namespace duel
