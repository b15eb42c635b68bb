// Tile programs against a plain evaluation in double, element by element.
#include "kernels/tile_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "run_kernel.hpp"

namespace duel {
namespace {

using E = Elementwise;
using Fold = TileProgram::Fold;
using test::Order;
using test::run_kernel;
using test::some_numbers;

int64_t product(const std::vector<int64_t>& extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

// An operand over `extents` that is dense but for the axes where `repeat` is set.
TileProgram::Operand operand(const std::vector<int64_t>& extents, const std::vector<bool>& repeat) {
  TileProgram::Operand out{std::vector<int64_t>(extents.size(), 0)};
  int64_t stride = 1;
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    if (repeat[axis]) continue;
    out.strides[axis] = stride;
    stride *= extents[axis];
  }
  return out;
}

int64_t size_of_operand(const TileProgram& program, std::size_t input) {
  int64_t last = 0;
  for (std::size_t axis = 0; axis < program.extents.size(); ++axis) {
    if (program.extents[axis] == 0) return 0;
    last += (program.extents[axis] - 1) * program.inputs[input].strides[axis];
  }
  return last + 1;
}

int64_t size_of_result(const TileProgram& program, const TileProgram::Result& result) {
  int64_t size = 1;
  for (std::size_t axis = 0; axis < program.extents.size(); ++axis) {
    if (result.fold == Fold::none || !program.reduced[axis]) size *= program.extents[axis];
  }
  return size;
}

std::vector<std::vector<double>> evaluate(const TileProgram& program, const std::vector<std::vector<double>>& inputs) {
  std::vector<std::vector<double>> results;
  for (const auto& result : program.results) {
    const double neutral = result.fold == Fold::max ? -std::numeric_limits<double>::infinity() : 0.0;
    results.emplace_back(static_cast<std::size_t>(size_of_result(program, result)), neutral);
  }
  const std::size_t rank = program.extents.size();
  std::vector<int64_t> index(rank, 0);
  for (int64_t position = 0; position < product(program.extents); ++position) {
    std::vector<double> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      int64_t at = 0;
      for (std::size_t axis = 0; axis < rank; ++axis) at += index[axis] * program.inputs[i].strides[axis];
      values.push_back(inputs[i][static_cast<std::size_t>(at)]);
    }
    values.insert(values.end(), program.constants.begin(), program.constants.end());
    for (const auto& instruction : program.instructions) {
      double arguments[3]{};
      for (int k = 0; k < op_of(instruction.op).arity; ++k) {
        arguments[k] = values[static_cast<std::size_t>(instruction.arguments[static_cast<std::size_t>(k)])];
      }
      values.push_back(op_of(instruction.op).scalar(arguments));
    }
    int64_t kept = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      if (!program.reduced[axis]) kept = kept * program.extents[axis] + index[axis];
    }
    for (std::size_t r = 0; r < results.size(); ++r) {
      const auto& result = program.results[r];
      const double value = values[static_cast<std::size_t>(result.value)];
      if (result.fold == Fold::none) {
        results[r][static_cast<std::size_t>(position)] = value;
      } else if (result.fold == Fold::sum) {
        results[r][static_cast<std::size_t>(kept)] += value;
      } else {
        double& most = results[r][static_cast<std::size_t>(kept)];
        most = std::max(most, value);
      }
    }
    for (std::size_t axis = rank; axis-- > 0 && ++index[axis] == program.extents[axis];) index[axis] = 0;
  }
  return results;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted, double tolerance,
                 const std::string& where) {
  ASSERT_EQ(got.size(), wanted.size()) << where;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isinf(wanted[i]) && got[i] == wanted[i]) continue;
    ASSERT_NEAR(got[i], wanted[i], tolerance * std::max(1.0, std::abs(wanted[i]))) << where << ", element " << i;
  }
}

// Against the plain evaluation, and the same bits in every order of tiles.
void check_program(TileProgram program, double scale = 1) {
  for (const DType dtype : {DType::float32, DType::float64}) {
    program.dtype = dtype;
    std::vector<std::vector<double>> inputs;
    for (std::size_t i = 0; i < program.inputs.size(); ++i) {
      inputs.push_back(some_numbers(size_of_operand(program, i), i + 1));
    }
    std::vector<int64_t> sizes;
    for (const auto& result : program.results) sizes.push_back(size_of_result(program, result));
    const auto kernel = make_tile_kernel(program);
    const auto wanted = evaluate(program, inputs);
    const auto got = run_kernel(*kernel, dtype, inputs, sizes);
    for (std::size_t r = 0; r < wanted.size(); ++r) {
      expect_near(got[r], wanted[r], scale * (dtype == DType::float32 ? 1e-5 : 1e-13),
                  kernel->describe() + ", result " + std::to_string(r));
    }
    for (const int threads : {-1, 1, 2, 3, 8}) {
      ASSERT_EQ(run_kernel(*kernel, dtype, inputs, sizes, {threads}), got)
          << kernel->describe() << ", " << threads << " threads";
    }
  }
}

// (a·b + c)·tanh(a) − c, with a dense and b and c repeated along the given axes; results as asked for.
TileProgram mixed_program(const std::vector<int64_t>& extents, const std::vector<bool>& repeat_b,
                          const std::vector<bool>& repeat_c) {
  TileProgram program;
  program.extents = extents;
  program.reduced.assign(extents.size(), false);
  program.inputs = {operand(extents, std::vector<bool>(extents.size(), false)), operand(extents, repeat_b),
                    operand(extents, repeat_c)};
  program.constants = {0.25};
  program.instructions = {
      {E::multiply, {0, 1}}, {E::add, {4, 2}}, {E::tanh, {0}}, {E::multiply, {5, 6}}, {E::subtract, {7, 3}}};
  return program;
}

const std::vector<std::vector<int64_t>> shapes = {
    {},          {1},       {7},        {512},       {1000},       {70001},    {3, 5},
    {64, 256},   {64, 784}, {1000, 3},  {5, 2000},   {2, 1, 3},    {4, 9, 17}, {33, 65, 2},
    {8, 100, 3}, {2, 3, 5}, {300, 130}, {3, 1, 700}, {2, 3, 4, 5}, {0},        {3, 0, 2}};

std::vector<bool> bits(std::size_t mask, std::size_t count) {
  std::vector<bool> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = (mask >> i) & 1;
  return out;
}

TEST(TileProgram, BroadcastsOverEveryCombinationOfAxes) {
  for (const auto& shape : shapes) {
    const std::size_t n = shape.size();
    for (std::size_t mask = 0; mask < (std::size_t{1} << n); ++mask) {
      TileProgram program = mixed_program(shape, bits(mask, n), bits(~mask, n));
      program.results = {{8, Fold::none}};
      check_program(program);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TileProgram, FoldsEveryCombinationOfAxes) {
  for (const auto& shape : shapes) {
    const std::size_t n = shape.size();
    for (std::size_t mask = 0; mask < (std::size_t{1} << n); ++mask) {
      TileProgram program = mixed_program(shape, bits(mask >> 1, n), bits(mask ^ 1, n));
      program.reduced = bits(mask, n);
      program.results = {{8, Fold::sum}, {7, Fold::max}, {5, Fold::none}};
      check_program(program, 20);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TileProgram, FoldsLargeSpacesInPieces) {
  for (const auto& [extents, reduced] :
       std::vector<std::pair<std::vector<int64_t>, std::vector<bool>>>{{{20000, 64}, {true, false}},
                                                                       {{100000, 3}, {true, false}},
                                                                       {{64, 10000}, {false, true}},
                                                                       {{600000}, {true}},
                                                                       {{16, 900, 48}, {false, true, false}},
                                                                       {{40, 30, 500}, {true, false, true}},
                                                                       {{70000, 2}, {false, true}},
                                                                       {{70000, 10}, {false, true}}}) {
    TileProgram program;
    program.extents = extents;
    program.reduced = reduced;
    program.inputs = {operand(extents, std::vector<bool>(extents.size(), false))};
    program.instructions = {{E::square, {0}}};
    program.results = {{1, Fold::sum}, {0, Fold::max}, {0, Fold::sum}};
    check_program(program, 100);
    if (HasFatalFailure()) return;
  }
}

TEST(TileProgram, SumsStayAccurateOverMillions) {
  constexpr int64_t n = 4'000'000;
  TileProgram program;
  program.extents = {n};
  program.reduced = {true};
  program.inputs = {{{1}}};
  program.results = {{0, Fold::sum}};
  const auto values = some_numbers(n, 5, 0, 1);
  const double wanted = std::accumulate(values.begin(), values.end(), 0.0);
  const auto got = run_kernel(*make_tile_kernel(program), DType::float32, {values}, {1});
  EXPECT_NEAR(got[0][0] / wanted, 1, 2e-7);
}

TEST(TileProgram, FoldsRepeatedValuesAndConstants) {
  TileProgram program;
  program.extents = {30, 70};
  program.reduced = {true, false};
  program.inputs = {{{0, 0}}, {{1, 0}}, {{0, 1}}};
  program.constants = {0.5};
  program.results = {{0, Fold::sum}, {1, Fold::sum}, {2, Fold::max}, {3, Fold::sum}, {3, Fold::none}, {2, Fold::none}};
  check_program(program, 10);
}

TEST(TileProgram, ReadsTransposedAndStridedOperands) {
  TileProgram program;
  program.extents = {37, 53};
  program.reduced = {false, false};
  program.inputs = {{{1, 37}}, {{106, 2}}};
  program.instructions = {{E::add, {0, 1}}};
  program.results = {{2, Fold::none}};
  check_program(program);
  program.reduced = {false, true};
  program.results = {{2, Fold::sum}, {2, Fold::none}};
  check_program(program, 10);
}

TEST(TileProgram, KeepsManyValuesAlive) {
  TileProgram program;
  program.extents = {5000};
  program.reduced = {false};
  program.inputs = {{{1}}};
  for (int32_t i = 0; i < 60; ++i) program.instructions.push_back({E::sin, {i == 0 ? 0 : i}});
  int32_t sum = 1;
  for (int32_t i = 2; i <= 60; ++i) {
    program.instructions.push_back({E::add, {sum, i}});
    sum = static_cast<int32_t>(program.instructions.size());
  }
  program.results = {{sum, Fold::none}, {sum, Fold::none}, {30, Fold::none}};
  check_program(program, 10);
}

TEST(TileProgram, SkipsWhatNoResultNeeds) {
  TileProgram program;
  program.extents = {10};
  program.reduced = {false};
  program.inputs = {{{1}}, {{1}}};
  program.instructions = {{E::log, {0}}, {E::multiply, {0, 1}}, {E::exp, {2}}};
  program.results = {{3, Fold::none}};
  check_program(program);
}

TEST(TileProgram, OverwritesAnInputOnlyWhereItIsReadBefore) {
  TileProgram program;
  program.extents = {2000, 3};
  program.reduced = {false, false};
  program.inputs = {{{3, 1}}, {{3, 1}}, {{0, 1}}};
  program.instructions = {{E::tanh, {0}}, {E::multiply, {1, 3}}, {E::sqrt, {4}}, {E::add, {2, 5}}};
  program.results = {{4, Fold::none}, {6, Fold::none}};
  const auto kernel = make_tile_kernel(program);
  EXPECT_TRUE(kernel->can_overwrite(0, 0));
  EXPECT_TRUE(kernel->can_overwrite(1, 0));
  EXPECT_TRUE(kernel->can_overwrite(1, 1));
  EXPECT_FALSE(kernel->can_overwrite(2, 1));
  program.instructions[3] = {E::add, {1, 5}};
  EXPECT_FALSE(make_tile_kernel(program)->can_overwrite(1, 0)) << "input 1 is read after result 0 is written";

  const std::vector<std::vector<double>> inputs = {some_numbers(6000, 1), some_numbers(6000, 2), some_numbers(3, 3)};
  const auto apart = run_kernel(*kernel, DType::float32, inputs, {6000, 6000});
  for (const int input : {0, 1}) {
    const auto shared = run_kernel(*kernel, DType::float32, inputs, {6000, 6000}, {2}, {}, input);
    EXPECT_EQ(shared[0], apart[0]);
  }
}

TEST(TileProgram, CutsWorkIntoTilesByShape) {
  TileProgram program;
  program.extents = {1'500'000};
  program.reduced = {false};
  program.inputs = {{{1}}};
  program.instructions = {{E::exp, {0}}};
  program.results = {{1, Fold::none}};
  EXPECT_EQ(make_tile_kernel(program)->tiles(0), 128);
  program.extents = {1000};
  EXPECT_EQ(make_tile_kernel(program)->tiles(0), 1);
}

// ── every instruction ──────────────────────────────────────────────────────────────────────────────────────────────

std::vector<double> interesting_numbers(E op) {
  const bool trigonometric = op == E::sin || op == E::cos;
  std::vector<double> numbers = some_numbers(3000, 1, -3, 3);
  for (const auto& [low, high] : {std::pair{-80.0, 80.0}, {-0.01, 0.01}, {0.99, 1.01}, {0.0, 1e4}}) {
    const auto more = some_numbers(1000, 7, low, high);
    numbers.insert(numbers.end(), more.begin(), more.end());
  }
  for (double magnitude = 1e-30; magnitude < (trigonometric ? 1e4 : 1e30); magnitude *= 3.7) {
    numbers.push_back(static_cast<float>(magnitude));
    numbers.push_back(static_cast<float>(-magnitude));
  }
  for (const double whole : {0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.5}) numbers.push_back(whole);
  return numbers;
}

template <class T>
void expect_accurate(E op, double got, const std::array<double, 3>& x, double tolerance) {
  const double wanted = op_of(op).scalar(x.data());
  const auto where = [&] {
    return fmt::format("{}({:.9g}, {:.9g}, {:.9g}) = {:.9g}, not {:.9g}", op_of(op).name, x[0], x[1], x[2], got,
                       wanted);
  };
  if (std::isnan(wanted)) {
    ASSERT_TRUE(std::isnan(got)) << where();
  } else if (std::abs(wanted) > 0.9 * static_cast<double>(std::numeric_limits<T>::max())) {
    ASSERT_GT(got * std::copysign(1, wanted), 0.9 * static_cast<double>(std::numeric_limits<T>::max())) << where();
  } else {
    ASSERT_NEAR(got, wanted, tolerance * std::abs(wanted) + static_cast<double>(std::numeric_limits<T>::min()))
        << where();
  }
}

class EveryInstruction : public testing::TestWithParam<int> {};

TEST_P(EveryInstruction, IsAccurateAndPropagatesWhatIsNotFinite) {
  const auto op = static_cast<E>(GetParam());
  std::vector<std::vector<double>> inputs(3, interesting_numbers(op));
  std::rotate(inputs[1].begin(), inputs[1].begin() + 17, inputs[1].end());
  std::rotate(inputs[2].begin(), inputs[2].begin() + 1234, inputs[2].end());
  for (std::size_t i = 0; i < 500; ++i) inputs[1][i] = inputs[0][i];  // ties
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double a : {nan, infinity, -infinity, 0.0, 1.5, -1.5}) {
    for (const double b : {nan, infinity, -infinity, 0.0, 2.0, -2.5}) {
      inputs[0].push_back(a);
      inputs[1].push_back(b);
      inputs[2].push_back(a == 0 ? infinity : 1.0);
    }
  }
  const auto n = static_cast<int64_t>(inputs[0].size());
  TileProgram program;
  program.extents = {n};
  program.reduced = {false};
  program.inputs.assign(3, {{1}});
  program.instructions = {{op, {0, 1, 2}}};
  program.results = {{3, Fold::none}};
  for (const DType dtype : {DType::float32, DType::float64}) {
    program.dtype = dtype;
    const auto got = run_kernel(*make_tile_kernel(program), dtype, inputs, {n})[0];
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::array x{inputs[0][i], inputs[1][i], inputs[2][i]};
      if (dtype == DType::float32) {
        expect_accurate<float>(op, got[i], x, 4.8e-7);
      } else {
        expect_accurate<double>(op, got[i], x, 1e-13);
      }
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryInstruction, testing::Range(0, static_cast<int>(E::count)),
                         [](const auto& parameter) {
                           return std::string(op_of(static_cast<E>(parameter.param)).name);
                         });

// A fused tree rounds as its instructions one by one do, so that fusing changes no bit. When each value is a result as
// well, nothing can be fused.
void expect_bits_of_single_instructions(TileProgram program, int64_t n) {
  program.extents = {n};
  program.reduced = {false};
  std::vector<std::vector<double>> inputs;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    program.inputs[i].strides = {1};
    inputs.push_back(some_numbers(n, i + 1, 0.1, 2));
  }
  const auto sources = static_cast<int32_t>(program.inputs.size() + program.constants.size());
  const auto last = sources + static_cast<int32_t>(program.instructions.size()) - 1;
  program.results = {{last, Fold::none}};
  // What is not a number compares as 99.
  const auto first_result = [&](const std::vector<int64_t>& sizes) {
    auto values = run_kernel(*make_tile_kernel(program), DType::float32, inputs, sizes)[0];
    for (double& value : values) value = std::isnan(value) ? 99 : value;
    return values;
  };
  const auto fused = first_result({n});
  for (int32_t value = sources; value < last; ++value) program.results.push_back({value, Fold::none});
  const std::vector<int64_t> sizes(program.results.size(), n);
  EXPECT_EQ(fused, first_result(sizes)) << op_of(program.instructions[0].op).name << " … "
                                        << op_of(program.instructions.back().op).name;
}

TEST(TileProgram, FusedPairsKeepTheBitsOfTheTwo) {
  for (int first = 0; first < static_cast<int>(E::count); ++first) {
    for (int second = 0; second < static_cast<int>(E::count); ++second) {
      for (const int32_t place : {0, 1}) {
        TileProgram program;
        program.inputs.resize(3);
        program.instructions = {{static_cast<E>(first), {0, 1, 2}}, {static_cast<E>(second), {2, 2, 2}}};
        program.instructions[1].arguments[static_cast<std::size_t>(place)] = 3;
        expect_bits_of_single_instructions(program, 37);
      }
    }
  }
}

TEST(TileProgram, FusedTreesKeepTheBitsOfTheirInstructions) {
  using Instructions = std::vector<TileProgram::Instruction>;
  for (const Instructions& instructions :
       std::vector<Instructions>{{{E::multiply, {0, 4}}, {E::multiply, {5, 1}}, {E::add, {6, 7}}},
                                 {{E::multiply, {0, 4}}, {E::multiply, {1, 5}}, {E::subtract, {6, 7}}},
                                 {{E::multiply, {4, 0}}, {E::square, {1}}, {E::multiply, {5, 7}}, {E::add, {8, 6}}},
                                 {{E::multiply, {0, 1}}, {E::divide, {6, 2}}, {E::subtract, {3, 7}}},
                                 {{E::divide, {0, 1}}, {E::multiply, {6, 2}}, {E::subtract, {3, 7}}},
                                 {{E::multiply, {0, 1}}, {E::sqrt, {6}}, {E::add, {7, 4}}},
                                 {{E::multiply, {0, 1}}, {E::multiply, {2, 3}}, {E::divide, {6, 7}}, {E::add, {8, 6}}},
                                 {{E::subtract, {0, 1}}, {E::multiply, {6, 2}}, {E::add, {3, 7}}},
                                 {{E::subtract, {4, 0}}, {E::multiply, {0, 1}}, {E::multiply, {6, 7}}}}) {
    TileProgram program;
    program.inputs.resize(4);
    program.constants = {0.9, 0.1};
    program.instructions = instructions;
    expect_bits_of_single_instructions(program, 2100);
  }
}

TEST(TileProgram, MaximaAreNotANumberWhereAValueIsNone) {
  for (const int64_t at : {0, 5, 99, 333}) {
    for (const auto& reduced : {std::vector<bool>{true, false}, {false, true}, {true, true}}) {
      TileProgram program;
      program.extents = {100, 4};
      program.reduced = reduced;
      program.inputs = {{{4, 1}}};
      program.results = {{0, Fold::max}, {0, Fold::sum}};
      auto values = some_numbers(400, 1);
      values[static_cast<std::size_t>(at)] = std::numeric_limits<double>::quiet_NaN();
      const int64_t kept = (reduced[0] ? 1 : 100) * (reduced[1] ? 1 : 4);
      const int64_t place = (reduced[0] ? 0 : at / 4) * (reduced[1] ? 1 : 4) + (reduced[1] ? 0 : at % 4);
      const auto got = run_kernel(*make_tile_kernel(program), DType::float32, {values}, {kept, kept});
      for (int64_t i = 0; i < kept; ++i) {
        EXPECT_EQ(std::isnan(got[0][static_cast<std::size_t>(i)]), i == place) << at;
        EXPECT_EQ(std::isnan(got[1][static_cast<std::size_t>(i)]), i == place) << at;
      }
    }
  }
}

}  // namespace
}  // namespace duel
