// Micro-benchmarks of the kernels, each beside the least that the same work takes: a loop written by hand, memcpy, one
// call of OpenBLAS. Not run by ctest. For figures that mean something: an idle machine, OPENBLAS_CORETYPE unset.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/parallel.hpp"
#include "kernels/makers.hpp"
#include "kernels/select.hpp"
#include "kernels/tile_program.hpp"

namespace duel {
namespace {

using E = Elementwise;
using Fold = TileProgram::Fold;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};
using Floats = std::unique_ptr<float, Free>;

Floats floats(int64_t count) {
  const auto bytes = static_cast<std::size_t>((count * 4 + 63) / 64 * 64 + 64);
  Floats memory(static_cast<float*>(std::aligned_alloc(64, bytes)));
  for (int64_t i = 0; i < count; ++i) memory.get()[i] = 0.01f + static_cast<float>(i % 97) / 97;
  return memory;
}

// Runs a kernel on threads (0: without a pool) as long as the benchmark asks for. The first outputs are written over
// the inputs named in `in_place`.
void run(benchmark::State& state, const Kernel& kernel, const std::vector<int64_t>& inputs,
         const std::vector<int64_t>& outputs, int threads, double bytes,
         const std::vector<std::size_t>& in_place = {}) {
  std::vector<Floats> memory;
  std::vector<const std::byte*> in;
  std::vector<std::byte*> out;
  for (const int64_t size : inputs) {
    memory.push_back(floats(size));
    in.push_back(reinterpret_cast<std::byte*>(memory.back().get()));
  }
  for (const std::size_t input : in_place) out.push_back(const_cast<std::byte*>(in[input]));
  for (const int64_t size : outputs) {
    memory.push_back(floats(size));
    out.push_back(reinterpret_cast<std::byte*>(memory.back().get()));
  }
  memory.push_back(floats(kernel.workspace_bytes() / 4 + 1));
  const DrawClock clock;
  const KernelArguments arguments{in.data(), out.data(), reinterpret_cast<std::byte*>(memory.back().get()), &clock};
  const auto once = [&] {
    for (int phase = 0; phase < kernel.phases(); ++phase) {
      if (threads == 0) {
        for (int64_t tile = 0; tile < kernel.tiles(phase); ++tile) kernel.run(phase, tile, arguments);
      } else {
        for_tiles(kernel.tiles(phase), [&](int64_t tile) { kernel.run(phase, tile, arguments); });
      }
    }
  };
  if (threads == 0) {
    for (auto _ : state) once();
  } else {
    ThreadPool pool(threads);
    pool.run([&] {
      for (auto _ : state) once();
    });
  }
  if (bytes > 0) state.counters["B/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
  if (kernel.flops() > 0) {
    state.counters["flop/s"] = benchmark::Counter(kernel.flops(), benchmark::Counter::kIsIterationInvariantRate);
  }
  state.SetLabel(kernel.describe());
}

// ── tile programs ──────────────────────────────────────────────────────────────────────────────────────────────────

TileProgram dense_program(std::vector<int64_t> extents, std::size_t inputs) {
  TileProgram program;
  TileProgram::Operand dense{std::vector<int64_t>(extents.size())};
  int64_t stride = 1;
  for (std::size_t axis = extents.size(); axis-- > 0; stride *= extents[axis]) dense.strides[axis] = stride;
  program.reduced.assign(extents.size(), false);
  program.extents = std::move(extents);
  program.inputs.assign(inputs, dense);
  return program;
}

// w, m, v, g → w', m', v'; the step's corrections come as two scalars.
TileProgram adam(int64_t n) {
  TileProgram program = dense_program({n}, 6);
  program.inputs[4].strides = {0};
  program.inputs[5].strides = {0};
  program.constants = {0.9, 0.1, 0.999, 0.001, 1e-8};  // values 6 to 10
  program.instructions = {
      {E::multiply, {1, 6}},   // 11 = β1 m
      {E::multiply, {3, 7}},   // 12 = (1−β1) g
      {E::add, {11, 12}},      // 13 = m'
      {E::multiply, {2, 8}},   // 14 = β2 v
      {E::square, {3}},        // 15
      {E::multiply, {15, 9}},  // 16
      {E::add, {14, 16}},      // 17 = v'
      {E::multiply, {17, 5}},  // 18 = v̂
      {E::sqrt, {18}},         // 19
      {E::add, {19, 10}},      // 20
      {E::multiply, {13, 4}},  // 21 = η m̂
      {E::divide, {21, 20}},   // 22
      {E::subtract, {0, 22}},  // 23 = w'
  };
  program.results = {{23, Fold::none}, {13, Fold::none}, {17, Fold::none}};
  return program;
}

void adam_program(benchmark::State& state) {
  const int64_t n = state.range(0);
  run(state, *make_tile_kernel(adam(n)), {n, n, n, n, 1, 1}, {}, static_cast<int>(state.range(1)),
      28.0 * static_cast<double>(n), {0, 1, 2});
}
BENCHMARK(adam_program)->ArgsProduct({{4096, 100'000, 1'500'000}, {0, 1, 2}})->UseRealTime();

void adam_loop(int64_t n, float* __restrict w, float* __restrict m, float* __restrict v, const float* __restrict g,
               float rate, float correction) {
  for (int64_t i = 0; i < n; ++i) {
    m[i] = 0.9f * m[i] + 0.1f * g[i];
    v[i] = 0.999f * v[i] + 0.001f * (g[i] * g[i]);
    w[i] = w[i] - rate * m[i] / (std::sqrt(v[i] * correction) + 1e-8f);
  }
}

void adam_by_hand(benchmark::State& state) {
  const int64_t n = state.range(0);
  const Floats w = floats(n), m = floats(n), v = floats(n), g = floats(n);
  for (auto _ : state) {
    adam_loop(n, w.get(), m.get(), v.get(), g.get(), 1e-3f, 1.5f);
    benchmark::ClobberMemory();
  }
  state.counters["B/s"] =
      benchmark::Counter(28.0 * static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(adam_by_hand)->Arg(4096)->Arg(100'000)->Arg(1'500'000);

// max(x + b, 0.2 (x + b)) over [rows, columns] with a bias by column.
void bias_leaky_relu(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1), n = rows * columns;
  TileProgram program = dense_program({rows, columns}, 2);
  program.inputs[1].strides = {0, 1};
  program.constants = {0.2};
  program.instructions = {{E::add, {0, 1}}, {E::multiply, {3, 2}}, {E::maximum, {3, 4}}};
  program.results = {{5, Fold::none}};
  run(state, *make_tile_kernel(program), {n, columns}, {n}, 0, 8.0 * n);
}
BENCHMARK(bias_leaky_relu)
    ->Args({64, 512})
    ->Args({64, 1024})
    ->Args({65536, 3})
    ->Args({16384, 64})
    ->Args({64, 2})
    ->Args({1, 1});

// The gradient of a bias: a sum over rows.
void column_sums(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1), n = rows * columns;
  TileProgram program = dense_program({rows, columns}, 1);
  program.reduced = {true, false};
  program.results = {{0, Fold::sum}};
  run(state, *make_tile_kernel(program), {n}, {columns}, 0, 4.0 * n);
}
BENCHMARK(column_sums)->Args({64, 512})->Args({64, 784})->Args({16384, 64})->Args({65536, 3})->Args({100000, 1});

void row_sums(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1), n = rows * columns;
  TileProgram program = dense_program({rows, columns}, 1);
  program.reduced = {false, true};
  program.results = {{0, Fold::sum}};
  run(state, *make_tile_kernel(program), {n}, {rows}, 0, 4.0 * n);
}
BENCHMARK(row_sums)->Args({64, 784})->Args({65536, 2})->Args({65536, 10})->Args({16384, 64});

// Batch normalisation's statistics: Σx and Σx² over all but channels, in one pass.
void batch_statistics(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1), n = rows * columns;
  TileProgram program = dense_program({rows, columns}, 1);
  program.reduced = {true, false};
  program.instructions = {{E::square, {0}}};
  program.results = {{0, Fold::sum}, {1, Fold::sum}};
  run(state, *make_tile_kernel(program), {n}, {columns, columns}, 0, 4.0 * n);
}
BENCHMARK(batch_statistics)->Args({64, 512})->Args({16384, 64});

void one_instruction(benchmark::State& state) {
  constexpr int64_t n = 4096;
  const auto op = static_cast<E>(state.range(0));
  TileProgram program = dense_program({n}, 3);
  program.instructions = {{op, {0, 1, 2}}};
  program.results = {{3, Fold::none}};
  run(state, *make_tile_kernel(program), {n, n, n}, {n}, 0, 0);
  state.SetLabel(std::string(op_of(op).name));
}
BENCHMARK(one_instruction)->DenseRange(0, static_cast<int>(E::count) - 1);

// ── matmul ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// Layers in → out at a batch: forward, gradient of the weight, gradient of the input.
enum class Product : int64_t { forward, weight, input };

MatmulShape product_of(const benchmark::State& state) {
  const int64_t batch = state.range(0), in = state.range(1), out = state.range(2);
  switch (static_cast<Product>(state.range(3))) {
    case Product::forward:
      return {.rows = batch, .columns = out, .inner = in};
    case Product::weight:
      return {.rows = in, .columns = out, .inner = batch, .transpose_a = true};
    default:
      return {.rows = batch, .columns = in, .inner = out, .transpose_b = true};
  }
}

void layers(benchmark::internal::Benchmark* benchmark) {
  for (const int64_t batch : {64, 32}) {
    for (const auto& [in, out] : std::vector<std::pair<int64_t, int64_t>>{{100, 256},
                                                                          {256, 512},
                                                                          {512, 1024},
                                                                          {1024, 784},
                                                                          {784, 512},
                                                                          {512, 256},
                                                                          {256, 1},
                                                                          {2, 128},
                                                                          {128, 256},
                                                                          {2, 512},
                                                                          {512, 2}}) {
      for (const int64_t product : {0, 1, 2}) benchmark->Args({batch, in, out, product});
    }
  }
  benchmark->Args({2048, 2048, 2048, 0})
      ->Args({16384, 576, 64, 0})
      ->Args({16384, 576, 64, 1})
      ->Args({16384, 576, 64, 2});
  benchmark->UseRealTime();
}

void matmul_threads(benchmark::State& state, int threads) {
  const MatmulShape s = product_of(state);
  run(state, *make_matmul_kernel(DType::float32, s), {s.rows * s.inner, s.inner * s.columns}, {s.rows * s.columns},
      threads, 0);
}
void matmul_alone(benchmark::State& state) { matmul_threads(state, 0); }
void matmul_two_threads(benchmark::State& state) { matmul_threads(state, 2); }
BENCHMARK(matmul_alone)->Apply(layers);
BENCHMARK(matmul_two_threads)->Apply(layers);

void one_call_of_openblas(benchmark::State& state) {
  openblas_set_num_threads(1);
  const MatmulShape s = product_of(state);
  const Floats a = floats(s.rows * s.inner), b = floats(s.inner * s.columns), c = floats(s.rows * s.columns);
  const auto size = [](int64_t n) { return static_cast<blasint>(n); };
  for (auto _ : state) {
    cblas_sgemm(CblasRowMajor, s.transpose_a ? CblasTrans : CblasNoTrans, s.transpose_b ? CblasTrans : CblasNoTrans,
                size(s.rows), size(s.columns), size(s.inner), 1, a.get(), size(s.transpose_a ? s.rows : s.inner),
                b.get(), size(s.transpose_b ? s.inner : s.columns), 0, c.get(), size(s.columns));
  }
  state.counters["flop/s"] = benchmark::Counter(2.0 * static_cast<double>(s.rows * s.columns * s.inner),
                                                benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(openblas_get_corename());
}
BENCHMARK(one_call_of_openblas)->Apply(layers);

// ── convolutions ───────────────────────────────────────────────────────────────────────────────────────────────────

// Those of cifar10/discriminator, cifar10/cnn and mnist/dcgan that take the time: what select.cpp's rule rests on.
struct Layer {
  int64_t batch, size, channels, outputs, window, stride;
};
constexpr Layer convolved[] = {{64, 32, 3, 64, 3, 1},   {64, 32, 64, 128, 3, 2}, {64, 16, 128, 128, 3, 2},
                               {64, 8, 128, 256, 3, 2}, {32, 32, 64, 3, 3, 1},   {32, 16, 32, 64, 3, 2},
                               {32, 5, 128, 256, 3, 1}, {32, 28, 1, 64, 5, 2},   {32, 14, 64, 128, 5, 2},
                               {32, 7, 128, 256, 5, 1}};

ConvolutionShape convolution_of(const Layer& layer) {
  ConvolutionShape shape;
  shape.batch = layer.batch;
  shape.input = {layer.size, layer.size};
  const int64_t out = (layer.size + layer.stride - 1) / layer.stride;
  shape.output = {out, out};
  shape.kernel = {layer.window, layer.window};
  shape.channels = layer.channels;
  shape.outputs = layer.outputs;
  const int64_t padding = std::max<int64_t>(0, (out - 1) * layer.stride + layer.window - layer.size);
  shape.how.stride = {layer.stride, layer.stride};
  shape.how.before = {padding / 2, padding / 2};
  shape.how.after = {padding - padding / 2, padding - padding / 2};
  return shape;
}

// Arguments: which layer, which direction.
template <bool by_onednn>
void convolution(benchmark::State& state) {
  const ConvolutionShape shape = convolution_of(convolved[state.range(0)]);
  const auto direction = static_cast<Direction>(state.range(1));
  if (by_onednn && !onednn_is_built_in()) return state.SkipWithError("built without oneDNN");
  switch_off_library_threads();
  const auto kernel =
      by_onednn ? make_onednn_convolution(direction, shape) : make_gemm_convolution(DType::float32, direction, shape);
  const int64_t images = shape.images_shape().elements(), outputs = shape.outputs_shape().elements(),
                weights = shape.weight_shape().elements();
  const auto which = static_cast<std::size_t>(direction);
  std::vector<int64_t> inputs =
      std::vector<std::vector<int64_t>>{{images, weights}, {outputs, weights}, {images, outputs}}[which];
  for (int i = 0; i < 2; ++i) {
    const auto packing = kernel->packing(i);
    if (packing) inputs[static_cast<std::size_t>(i)] = packing->bytes / 4 + 1;
  }
  run(state, *kernel, inputs, {std::vector<int64_t>{outputs, images, weights}[which]}, 2, 0);
}
void convolutions(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({benchmark::CreateDenseRange(0, std::ssize(convolved) - 1, 1), {0, 1, 2}})->UseRealTime();
}
BENCHMARK(convolution<true>)->Apply(convolutions);
BENCHMARK(convolution<false>)->Apply(convolutions);

// ── movement and draws ─────────────────────────────────────────────────────────────────────────────────────────────

void transposition(benchmark::State& state) {
  const int64_t rows = state.range(0), columns = state.range(1);
  const auto kernel =
      make_move_kernel(DType::float32, "transpose",
                       {{.extents = {columns, rows}, .from_strides = {1, columns}, .to_strides = {rows, 1}}});
  run(state, *kernel, {rows * columns}, {rows * columns}, 0, 8.0 * rows * columns);
}
BENCHMARK(transposition)->Args({64, 512})->Args({1024, 784})->Args({1024, 1024});

void copy(benchmark::State& state) {
  run(state, *make_copy_kernel(DType::float32, state.range(0)), {state.range(0)}, {state.range(0)}, 0,
      8.0 * state.range(0));
}
BENCHMARK(copy)->Arg(50176)->Arg(4'000'000);

void draws(benchmark::State& state) {
  const int64_t n = state.range(1);
  run(state, *make_random_kernel(DType::float32, static_cast<Distribution>(state.range(0)), 1, {}, n), {}, {n}, 0,
      4.0 * n);
}
BENCHMARK(draws)->ArgsProduct({{0, 1}, {6400, 50176}});

}  // namespace
}  // namespace duel
