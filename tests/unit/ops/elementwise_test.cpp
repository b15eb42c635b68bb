#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "ops/ops.hpp"
#include "ops/table.hpp"
#include "tests/support/gradient_check.hpp"

namespace duel {
namespace {

using Inputs = std::span<const Tensor>;

struct Vector {
  std::string op;
  std::vector<std::vector<double>> inputs;
  std::vector<double> output;
};

const Vector vectors[] = {
#include "elementwise_vectors.inc"
};

class ElementwiseMeaning : public testing::TestWithParam<Vector> {};

TEST_P(ElementwiseMeaning, IsThatOfPyTorch) {
  const Vector& vector = GetParam();
  const Op* op = find_op(vector.op);
  ASSERT_NE(op, nullptr);
  std::vector<HostTensor> inputs;
  for (const auto& values : vector.inputs) inputs.push_back({{static_cast<int64_t>(values.size())}, values});
  const auto node = [&](Graph& graph, Inputs x) {
    std::vector<NodeId> ids;
    for (const Tensor& input : x) ids.push_back(input.id());
    return Tensor(graph, graph.add(*op, ids));
  };
  const HostTensor result = evaluate(node, inputs);
  ASSERT_EQ(result.values.size(), vector.output.size());
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    EXPECT_NEAR(result.values[i], vector.output[i], 4e-15 * std::abs(vector.output[i])) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, ElementwiseMeaning, testing::ValuesIn(vectors),
                         [](const auto& test) { return test.param.op; });

TEST(ElementwiseTable, HasAVectorForEachOp) {
  std::vector<std::string_view> tested;
  for (const Vector& vector : vectors) tested.push_back(vector.op);
  std::vector<std::string_view> names;
  for (uint8_t i = 0; i < static_cast<uint8_t>(Elementwise::count); ++i) {
    names.push_back(op_of(static_cast<Elementwise>(i)).name);
  }
  EXPECT_THAT(tested, testing::UnorderedElementsAreArray(names));
}

TEST(ElementwiseTable, FindsARecordsPlace) {
  for (uint8_t i = 0; i < static_cast<uint8_t>(Elementwise::count); ++i) {
    EXPECT_EQ(elementwise_of(op_of(static_cast<Elementwise>(i))), static_cast<Elementwise>(i));
  }
  EXPECT_EQ(op_of(Elementwise::rsqrt).name, "rsqrt");
  EXPECT_THROW(elementwise_of(*find_op("matmul")), InternalError);
}

// Divergence must stay visible.
TEST(Elementwise, MaximumAndMinimumPassOnWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<HostTensor> inputs{{{2}, {nan, 1}}, {{2}, {1, nan}}};
  for (const auto function : {+[](const Tensor&a, const Tensor&b) { return maximum(a, b); },
                              +[](const Tensor&a, const Tensor&b) { return minimum(a, b); }}) {
    const HostTensor result = evaluate([&](Graph&, Inputs x) { return function(x[0], x[1]); }, inputs);
    EXPECT_THAT(result.values, testing::Each(testing::IsNan()));
  }
}

TEST(Elementwise, SoftplusAndSigmoidStayExactFarOut) {
  const HostTensor far{{4}, {-800, 800, -700, 700}};
  const auto softplus_of = [](Graph&, Inputs x) { return softplus(x[0]); };
  const auto sigmoid_of = [](Graph&, Inputs x) { return sigmoid(x[0]); };
  EXPECT_THAT(evaluate(softplus_of, {far}).values, testing::ElementsAre(0, 800, std::exp(-700.0), 700));
  EXPECT_THAT(evaluate(sigmoid_of, {far}).values,
              testing::ElementsAre(0, 1, testing::DoubleNear(std::exp(-700.0), 1e-315), 1));
}

TEST(Elementwise, BroadcastsBothSides) {
  Graph graph;
  const Tensor column(graph, graph.input("column", {3, 1}));
  const Tensor row(graph, graph.input("row", {2}));
  EXPECT_EQ((column * row).shape(), (Shape{3, 2}));
  EXPECT_EQ(select(row, column, row).shape(), (Shape{3, 2}));
  const auto difference = [](Graph&, Inputs x) { return x[0] - x[1]; };
  EXPECT_THAT(evaluate(difference, {{{3, 1}, {1, 2, 3}}, {{2}, {10, 20}}}).values,
              testing::ElementsAre(-9, -19, -8, -18, -7, -17));
}

TEST(Elementwise, NumbersStandOnEitherSide) {
  const auto all = [](Graph&, Inputs x) {
    const Tensor parts[] = {1.0 - x[0], x[0] - 1.0, 6.0 / x[0], x[0] / 2.0, 2.0 + x[0], 3.0 * x[0]};
    return concat(parts, 0);
  };
  EXPECT_THAT(evaluate(all, {{{1}, {4}}}).values, testing::ElementsAre(-3, 3, 1.5, 2, 6, 12));
}

}  // namespace
}  // namespace duel
