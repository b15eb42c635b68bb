// The verifier against faults that the graph's own functions would not let in: they are planted in its nodes.
#include "graph/verify.hpp"

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "ops/ops.hpp"
#include "ops/table.hpp"

namespace duel {
namespace {

class VerifyGraph : public testing::Test {
 protected:
  VerifyGraph() {
    graph.add_output("y", y.id());
    assigned = graph.assign("w", product.id());
    verify_graph(graph);
  }

  Node& node(NodeId id) { return const_cast<Node&>(graph[id]); }
  Variable& variable() { return const_cast<Variable&>(*graph.find_variable("w")); }

  std::string fault() {
    try {
      verify_graph(graph);
    } catch (const InternalError& error) {
      const std::string text = error.what();
      const auto start = text.find("node %") != std::string::npos ? text.find("node %") : 0;
      return text.substr(start);
    }
    return "none";
  }

  Graph graph;
  Tensor x{graph, graph.input("x", {2, 2})};     // %0
  Tensor w{graph, graph.variable("w", {2, 2})};  // %1
  Tensor product = matmul(x, w);                 // %2
  Tensor y = exp(product);                       // %3
  NodeId assigned;                               // %4
};

TEST_F(VerifyGraph, InputsMustPrecede) {
  node(product.id()).inputs[1] = y.id();
  EXPECT_EQ(fault(), "node %2 = matmul uses node %3, which does not precede it");
}

TEST_F(VerifyGraph, ANodeMustNotUseItself) {
  node(y.id()).inputs[0] = y.id();
  EXPECT_EQ(fault(), "node %3 = exp uses node %3, which does not precede it");
}

TEST_F(VerifyGraph, ArityMustFit) {
  node(product.id()).inputs.pop_back();
  EXPECT_EQ(fault(), "node %2 = matmul has 1 inputs instead of 2");
}

TEST_F(VerifyGraph, ShapesMustBeTheRules) {
  node(y.id()).shape = {4};
  EXPECT_EQ(fault(), "node %3 = exp has the shape [4] where its rule gives [2, 2]");
}

TEST_F(VerifyGraph, ShapesMustFitTheRules) {
  node(x.id()).shape = {2, 5};
  node(x.id()).attributes = {{"name", "x"}, {"shape", std::vector<int64_t>{2, 5}}};
  EXPECT_EQ(fault(), "node %2 = matmul has inputs that do not fit: matmul: the inner extents differ: [2, 5] × [2, 2]");
}

TEST_F(VerifyGraph, TypesMustAgree) {
  node(w.id()).dtype = DType::float64;
  EXPECT_EQ(fault(), "node %2 = matmul is float32 and its input %1 is float64");
}

TEST_F(VerifyGraph, ANodeMustHaveAnOp) {
  node(y.id()).op = nullptr;
  EXPECT_EQ(fault(), "node %3 has no op");
}

TEST_F(VerifyGraph, VersionsMustCount) {
  node(assigned).attributes = {{"name", "w"}, {"version", int64_t{2}}};
  EXPECT_EQ(fault(), "node %4 is version 2 of variable 'w' where version 1 is next");
}

TEST_F(VerifyGraph, TheLatestVersionMustBeTheLast) {
  variable().latest = variable().initial;
  EXPECT_THAT(fault(), testing::HasSubstr("and not as its last version, node %4"));
}

TEST_F(VerifyGraph, AVariableMustStartWithARead) {
  variable().initial = x.id();
  EXPECT_THAT(fault(), testing::HasSubstr("which is no read of it"));
}

TEST_F(VerifyGraph, AVariableMustBeDeclared) {
  node(assigned).attributes = {{"name", "other"}, {"version", int64_t{1}}};
  variable().latest = variable().initial;
  EXPECT_EQ(fault(), "node %4 assigns variable 'other', which is not declared");
}

TEST_F(VerifyGraph, InputsMustBeThoseDeclared) {
  node(x.id()).attributes = {{"name", "z"}, {"shape", std::vector<int64_t>{2, 2}}};
  EXPECT_THAT(fault(), testing::HasSubstr("node %0, which is no such input"));
}

TEST_F(VerifyGraph, OutputsMustExist) {
  const_cast<Output&>(graph.outputs()[0]).node = NodeId{77};
  EXPECT_THAT(fault(), testing::HasSubstr("node %77, which does not exist"));
}

}  // namespace
}  // namespace duel
