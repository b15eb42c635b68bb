// Kernels chosen for nodes, against the ops' reference meanings in double.
#include "kernels/select.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "ops/ops.hpp"
#include "ops/table.hpp"
#include "run_kernel.hpp"

namespace duel {
namespace {

using test::reference;
using test::run_kernel;
using test::some_numbers;

constexpr DrawClock clock_of_run{.step = 12345678901};

// `build` makes a node of inputs of these shapes; values come from `values` where given.
template <class Build>
void check_selected(const std::vector<Shape>& shapes, Build build, double tolerance = 0,
                    std::vector<std::vector<double>> values = {}) {
  for (const DType dtype : {DType::float32, DType::float64}) {
    Graph graph(dtype);
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      inputs.emplace_back(graph, graph.input("input" + std::to_string(i), shapes[i]));
      if (values.size() <= i) values.push_back(some_numbers(shapes[i].elements(), i + 3));
    }
    const Tensor out = build(graph, inputs);
    const auto kernel = make_kernel(graph, out.node());
    const auto wanted = reference(out, values, clock_of_run);
    const std::vector<int64_t> sizes = {out.shape().elements()};
    const auto got = run_kernel(*kernel, dtype, values, sizes, {}, clock_of_run);
    const double allowed = dtype == DType::float32 ? tolerance : std::min(tolerance, 1e-11);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_NEAR(got[0][i], wanted[i], allowed * std::max(1.0, std::abs(wanted[i])))
          << kernel->describe() << ", element " << i;
    }
    for (const int threads : {-1, 1, 2, 3, 8}) {
      ASSERT_EQ(run_kernel(*kernel, dtype, values, sizes, {threads}, clock_of_run), got) << kernel->describe();
    }
  }
}

// ── contractions ───────────────────────────────────────────────────────────────────────────────────────────────────

void check_matmul(int64_t batch, int64_t m, int64_t n, int64_t k) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      Shape a = ta ? Shape{k, m} : Shape{m, k};
      Shape b = tb ? Shape{n, k} : Shape{k, n};
      if (batch > 0) a = a.prepend(batch), b = b.prepend(batch);
      check_selected(
          {a, b}, [&](Graph&, const auto& in) { return matmul(in[0], in[1], ta, tb); },
          2e-6 * std::sqrt(static_cast<double>(k) + 1) + 1e-6);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Matmul, EqualsTheReference) {
  const std::vector<std::array<int64_t, 3>> shapes = {
      {1, 1, 1},       {1, 7, 5},     {64, 1, 256}, {64, 2, 128}, {3, 65, 33}, {100, 256, 64}, {64, 96, 300},
      {17, 130, 2500}, {20, 3, 2000}, {1, 300, 64}, {700, 1, 30}, {33, 17, 0}, {0, 4, 3},      {4, 0, 3}};
  for (const auto& [m, n, k] : shapes) check_matmul(0, m, n, k);
}

TEST(Matmul, OfABatchEqualsTheReference) {
  check_matmul(1, 5, 6, 7);
  check_matmul(9, 16, 30, 40);
  check_matmul(3, 70, 90, 50);
  check_matmul(0, 5, 6, 7);
}

// ── movement ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Permute, InEveryOrder) {
  for (const Shape& shape : {Shape{5, 7}, Shape{64, 200}, Shape{3, 40, 33}, Shape{2, 3, 17, 18}, Shape{1, 16, 1, 33},
                             Shape{300, 310}, Shape{6, 50, 60, 4}, Shape{3, 0, 2}}) {
    std::vector<int64_t> order(static_cast<std::size_t>(shape.rank()));
    std::iota(order.begin(), order.end(), 0);
    while (std::ranges::next_permutation(order).found) {
      check_selected({shape}, [&](Graph&, const auto& in) { return permute(in[0], order); });
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Slice, TakesAnyBox) {
  check_selected({{10}}, [](Graph&, const auto& in) { return slice(in[0], 0, 3, 9); });
  check_selected({{100000}}, [](Graph&, const auto& in) { return slice(in[0], 0, 3, 99990); });
  check_selected({{64, 30}}, [](Graph&, const auto& in) { return slice(in[0], 1, 0, 1); });
  check_selected({{64, 30}}, [](Graph&, const auto& in) { return slice(in[0], 0, 5, 5); });
  check_selected({{9, 8, 7, 6}}, [](Graph&, const auto& in) {
    return slice(in[0], std::vector<int64_t>{1, 0, 2, 5}, std::vector<int64_t>{8, 8, 3, 6});
  });
}

TEST(Pad, PutsZerosAround) {
  check_selected({{10}},
                 [](Graph&, const auto& in) { return pad(in[0], std::vector<int64_t>{2}, std::vector<int64_t>{1}); });
  check_selected({{4, 14, 15, 3}}, [](Graph&, const auto& in) {
    return pad(in[0], std::vector<int64_t>{0, 1, 2, 0}, std::vector<int64_t>{0, 0, 1, 0});
  });
  check_selected({{40, 30, 50}}, [](Graph&, const auto& in) {
    return pad(in[0], std::vector<int64_t>{1, 0, 2}, std::vector<int64_t>{0, 3, 2});
  });
  check_selected({{3, 0}}, [](Graph&, const auto& in) {
    return pad(in[0], std::vector<int64_t>{0, 2}, std::vector<int64_t>{0, 2});
  });
}

TEST(Concat, JoinsAlongAnyAxis) {
  for (const int axis : {0, 1, 2}) {
    std::vector<Shape> shapes(3, Shape{20, 31, 40});
    shapes[1][axis] = 1;
    shapes[2][axis] = 50;
    check_selected(shapes, [&](Graph&, const auto& in) { return concat(in, axis); });
  }
  check_selected({{70000}, {3}}, [](Graph&, const auto& in) { return concat(in, 0); });
}

TEST(Gather, ClampsIndices) {
  const std::vector<double> indices = {0, 4, 2, 2, -3, 99, 1, std::nan("")};
  for (const int64_t width : {1, 3, 50}) {
    check_selected({{5, width}, {8}}, [](Graph&, const auto& in) { return gather(in[0], in[1]); }, 0,
                   {some_numbers(5 * width, 1), indices});
  }
  check_selected({{5}, {8}}, [](Graph&, const auto& in) { return gather(in[0], in[1]); }, 0,
                 {some_numbers(5, 1), indices});
}

TEST(ScatterAdd, AddsRowsInOneOrder) {
  for (const auto& [rows, width, count] :
       std::vector<std::array<int64_t, 3>>{{5, 1, 8}, {5, 3, 8}, {40, 700, 3000}, {5000, 1, 100000}, {1, 64, 300}}) {
    auto indices = some_numbers(count, 8, -1, static_cast<double>(rows) + 1);
    for (double& index : indices) index = std::floor(index);
    check_selected({{count, width}, {count}}, [&](Graph&, const auto& in) { return scatter_add(in[0], in[1], rows); },
                   2e-5, {some_numbers(count * width, 1), indices});
  }
}

TEST(Copy, CopiesAnyNumberOfElements) {
  for (const int64_t elements : {0, 1, 7, 4096, 100001}) {
    const auto values = some_numbers(elements, 2);
    for (const DType dtype : {DType::float32, DType::float64}) {
      const auto kernel = make_copy_kernel(dtype, elements);
      EXPECT_EQ(run_kernel(*kernel, dtype, {values}, {elements}, {3})[0], values);
    }
  }
}

// ── sources ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Fill, MakesConstantsAndCounts) {
  check_selected({}, [](Graph& graph, const auto&) { return constant(graph, 2.5, {3, 70000}); });
  check_selected({}, [](Graph& graph, const auto&) { return constant(graph, -1, {}); });
  check_selected({}, [](Graph& graph, const auto&) { return iota(graph, 100000); });
}

TEST(Random, UniformsAreThoseOfBaseExactly) {
  for (const int64_t elements : {1, 4, 63, 64, 65, 50001}) {
    check_selected({}, [&](Graph& graph, const auto&) {
      return random_uniform(graph, {.key = 0xfedcba9876543210, .turn = 3, .repeat = 65535}, {elements});
    });
  }
}

TEST(Random, NormalsAreThoseOfBase) {
  for (const int64_t elements : {1, 2, 63, 50001}) {
    check_selected(
        {},
        [&](Graph& graph, const auto&) {
          return random_normal(graph, {.key = 77, .turn = 1, .repeat = 2}, {elements});
        },
        1e-6);
  }
}

TEST(Random, DrawsAnewEachStep) {
  Graph graph;
  const Tensor draw = random_uniform(graph, {.key = 5}, {100});
  const auto kernel = make_kernel(graph, draw.node());
  const auto first = run_kernel(*kernel, DType::float32, {}, {100}, {}, {.step = 0});
  const auto second = run_kernel(*kernel, DType::float32, {}, {100}, {}, {.step = 1});
  EXPECT_NE(first, second);
}

// ── choice ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Select, RefusesWhatItDoesNotRun) {
  Graph graph;
  const Tensor a(graph, graph.input("a", {3}));
  EXPECT_ANY_THROW(make_kernel(graph, (a + a).node()));
  EXPECT_ANY_THROW(make_kernel(graph, sum(a).node()));
}

TEST(Blas, DescribesItself) {
  const BlasDescription description = describe_blas();
  EXPECT_EQ(description.library.substr(0, 11), "OpenBLAS 0.");
  EXPECT_FALSE(description.core.empty());
  EXPECT_EQ(description.below_machine, description.core != description.best_core);
}

TEST(Blas, ProposesNoCoreWhereTheUserNamedOne) {
  setenv(blas_core_variable, "Haswell", 1);
  EXPECT_FALSE(better_blas_core().has_value());
  unsetenv(blas_core_variable);
  EXPECT_EQ(better_blas_core().has_value(), describe_blas().below_machine);
}

}  // namespace
}  // namespace duel
