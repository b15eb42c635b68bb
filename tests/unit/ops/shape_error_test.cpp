// What a user reads when shapes do not fit.
#include <gmock/gmock.h>

#include "graph/op.hpp"
#include "ops/ops.hpp"
#include "ops/table.hpp"

namespace duel {
namespace {

using Axes = std::vector<int64_t>;

class ShapeErrors : public testing::Test {
 protected:
  Tensor input(const Shape& shape) { return {graph_, graph_.input("x" + to_string(shape), shape)}; }

  template <class Body>
  std::string message(Body body) {
    try {
      body();
    } catch (const ShapeError& error) {
      return error.what();
    }
    return "no error";
  }

 private:
  Graph graph_;
};

TEST_F(ShapeErrors, Elementwise) {
  EXPECT_EQ(message([&] { input({2, 3}) + input({4}); }), "add: [2, 3] and [4] do not broadcast together");
  EXPECT_EQ(message([&] { input({2, 3}) * input({3, 3}); }), "multiply: [2, 3] and [3, 3] do not broadcast together");
  EXPECT_EQ(message([&] { maximum(input({5}), input({0})); }), "maximum: [5] and [0] do not broadcast together");
  EXPECT_EQ(message([&] { select(input({2}), input({3}), input({3})); }),
            "select: [2] and [3] do not broadcast together");
  const NodeId ids[] = {input({2}).id(), input({3}).id()};
  EXPECT_EQ(message([&] { input({2}).graph().add(op_of(Elementwise::add), ids); }),
            "an elementwise op: the shapes differ: [2] and [3]");
}

TEST_F(ShapeErrors, BroadcastAndReductions) {
  EXPECT_EQ(message([&] { broadcast(input({2, 3}), {3}); }), "broadcast: [2, 3] does not broadcast to [3]");
  EXPECT_EQ(message([&] { sum_to(input({2, 3}), {2}); }), "sum_to: [2] does not broadcast to [2, 3]");
  EXPECT_EQ(message([&] { sum(input({2, 3}), Axes{2}); }), "sum: there is no axis 2 in [2, 3]");
  EXPECT_EQ(message([&] { mean(input({2, 3}), Axes{-3}); }), "mean: there is no axis -3 in [2, 3]");
  EXPECT_EQ(message([&] { max(input({2, 3}), Axes{1, -1}); }), "max: axis 1 of [2, 3] is named twice");
  EXPECT_EQ(message([&] { max(input({2, 0}), Axes{1}); }), "max: there are no elements to compare in [2, 0]");
  EXPECT_EQ(message([&] { mean(input({2, 0})); }), "mean: there are no elements to average in [2, 0]");
}

TEST_F(ShapeErrors, Movement) {
  EXPECT_EQ(message([&] {
              reshape(input({2, 3}), {7});
            }),
            "reshape: [2, 3] and [7] differ in their number of elements");
  EXPECT_EQ(message([&] { permute(input({2, 3}), Axes{0, 0}); }), "permute: [0, 0] is no order of the axes of [2, 3]");
  EXPECT_EQ(message([&] { permute(input({2, 3}), Axes{0}); }), "permute: [0] is no order of the axes of [2, 3]");
  EXPECT_EQ(message([&] { transpose(input({2})); }), "transpose: [2] has no two axes to exchange");
  EXPECT_EQ(message([&] { slice(input({2, 3}), 1, 2, 4); }), "slice: 2 to 4 is not within axis 1 of [2, 3]");
  EXPECT_EQ(message([&] { slice(input({2, 3}), 1, 2, 1); }), "slice: 2 to 1 is not within axis 1 of [2, 3]");
  EXPECT_EQ(message([&] { slice(input({2, 3}), Axes{0}, Axes{1, 1}); }), "slice: 1 starts for the 2 axes of [2, 3]");
  EXPECT_EQ(message([&] { pad(input({2}), Axes{-1}, Axes{0}); }),
            "pad: -1 before and 0 after cannot be put around axis 0 of [2]");
  EXPECT_EQ(message([&] { pad(input({2}), Axes{INT64_MAX}, Axes{0}); }),
            "pad: 9223372036854775807 before and 0 after cannot be put around axis 0 of [2]");
  const Tensor parts[] = {input({2, 3}), input({4, 3}), input({2, 4})};
  EXPECT_EQ(message([&] { concat(parts, 0); }), "concat: [2, 3] and [2, 4] cannot be joined along axis 0");
  EXPECT_EQ(message([&] { concat(parts, 2); }), "concat: there is no axis 2 in [2, 3]");
  EXPECT_EQ(message([&] {
              gather(input({2, 3}), input({1, 4}));
            }),
            "gather: takes a table of rows and a vector of indices, not [2, 3] and [1, 4]");
  EXPECT_EQ(message([&] {
              gather(input({0, 3}), input({4}));
            }),
            "gather: there are no rows for the indices [4] to name");
  EXPECT_EQ(message([&] {
              scatter_add(input({2, 3}), input({4}), 5);
            }),
            "scatter_add: takes rows and one index a row, not [2, 3] and [4]");
}

TEST_F(ShapeErrors, Matmul) {
  EXPECT_EQ(message([&] {
              matmul(input({64, 100}), input({128, 256}));
            }),
            "matmul: the inner extents differ: [64, 100] × [128, 256]");
  EXPECT_EQ(message([&] {
              matmul(input({64, 100}), input({100, 256}), false, true);
            }),
            "matmul: the inner extents differ: [64, 100] × [100, 256] transposed");
  EXPECT_EQ(message([&] {
              matmul(input({2, 3, 4}), input({3, 4, 5}));
            }),
            "matmul: the batches differ: [2, 3, 4] × [3, 4, 5]");
  EXPECT_EQ(message([&] {
              matmul(input({2, 3}), input({3}));
            }),
            "matmul: takes two matrices, or two batches of matrices: [2, 3] × [3]");
}

TEST_F(ShapeErrors, ResultsThatCannotBeCounted) {
  const int64_t large = int64_t{1} << 40;
  EXPECT_EQ(message([&] {
              matmul(input({large, 1}), input({1, large}));
            }),
            "matmul: the result [1099511627776, 1099511627776] has more elements than can be counted");
  EXPECT_EQ(message([&] {
              broadcast(input({large, 1}), {large, large});
            }),
            "broadcast: the result [1099511627776, 1099511627776] has more elements than can be counted");
  EXPECT_EQ(message([&] {
              input({large, 1}) + input({1, large});
            }),
            "broadcast: the result [1099511627776, 1099511627776] has more elements than can be counted");
  EXPECT_EQ(message([&] {
              input({large, large});
            }),
            "input: the result [1099511627776, 1099511627776] has more elements than can be counted");
  EXPECT_EQ(message([&] {
              pad(input({large, 1}), Axes{0, large}, Axes{0, 0});
            }),
            "pad: the result [1099511627776, 1099511627777] has more elements than can be counted");
}

}  // namespace
}  // namespace duel
