#include "run_kernel.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "base/parallel.hpp"
#include "graph/op.hpp"

namespace duel::test {
namespace {

struct Free {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<std::byte, Free>;

Memory allocate(int64_t bytes) {
  const auto size = static_cast<std::size_t>((bytes + 63) / 64 * 64);
  return Memory(static_cast<std::byte*>(std::aligned_alloc(64, size == 0 ? 64 : size)));
}

template <class T>
Memory from_doubles(const std::vector<double>& values) {
  Memory memory = allocate(static_cast<int64_t>(values.size() * sizeof(T)));
  for (std::size_t i = 0; i < values.size(); ++i) reinterpret_cast<T*>(memory.get())[i] = static_cast<T>(values[i]);
  return memory;
}

void run_phases(const Kernel& kernel, const KernelArguments& arguments, Order order) {
  for (int phase = 0; phase < kernel.phases(); ++phase) {
    const int64_t tiles = kernel.tiles(phase);
    if (order.threads > 0) {
      ThreadPool pool(order.threads);
      pool.run([&] { for_tiles(tiles, [&](int64_t tile) { kernel.run(phase, tile, arguments); }); });
    } else {
      for (int64_t i = 0; i < tiles; ++i) kernel.run(phase, order.threads < 0 ? tiles - 1 - i : i, arguments);
    }
  }
}

template <class T>
std::vector<std::vector<double>> run_as(const Kernel& kernel, const std::vector<std::vector<double>>& inputs,
                                        const std::vector<int64_t>& output_sizes, Order order, const DrawClock& clock,
                                        int in_place) {
  std::vector<Memory> memory;
  std::vector<const std::byte*> in;
  for (const auto& values : inputs) {
    memory.push_back(from_doubles<T>(values));
    in.push_back(memory.back().get());
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto packing = kernel.packing(static_cast<int>(i));
    if (!packing) continue;
    memory.push_back(allocate(packing->bytes));
    std::byte* packed = memory.back().get();
    const Memory packing_workspace = allocate(packing->kernel->workspace_bytes());
    run_phases(*packing->kernel, {&in[i], &packed, packing_workspace.get(), &clock}, order);
    in[i] = packed;
  }
  std::vector<std::byte*> out;
  for (const int64_t size : output_sizes) {
    if (out.empty() && in_place >= 0) {
      out.push_back(memory[static_cast<std::size_t>(in_place)].get());
      continue;
    }
    memory.push_back(from_doubles<T>(std::vector<double>(static_cast<std::size_t>(size), nan)));
    out.push_back(memory.back().get());
  }
  Memory workspace =
      from_doubles<double>(std::vector<double>(static_cast<std::size_t>(kernel.workspace_bytes() / 8 + 1), nan));
  const KernelArguments arguments{in.data(), out.data(), workspace.get(), &clock};
  run_phases(kernel, arguments, order);
  std::vector<std::vector<double>> results;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const T* values = reinterpret_cast<const T*>(out[i]);
    results.emplace_back(values, values + output_sizes[i]);
  }
  return results;
}

}  // namespace

std::vector<std::vector<double>> run_kernel(const Kernel& kernel, DType dtype,
                                            const std::vector<std::vector<double>>& inputs,
                                            const std::vector<int64_t>& output_sizes, Order order,
                                            const DrawClock& clock, int in_place) {
  return dtype == DType::float32 ? run_as<float>(kernel, inputs, output_sizes, order, clock, in_place)
                                 : run_as<double>(kernel, inputs, output_sizes, order, clock, in_place);
}

std::vector<double> reference(const Tensor& tensor, const std::vector<std::vector<double>>& inputs,
                              const DrawClock& clock) {
  const Node& node = tensor.node();
  std::vector<HostTensor> host;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    host.push_back({tensor.graph()[node.inputs[i]].shape, inputs[i]});
  }
  std::vector<const HostTensor*> pointers;
  for (const HostTensor& value : host) pointers.push_back(&value);
  HostTensor output{node.shape, std::vector<double>(static_cast<std::size_t>(node.shape.elements()))};
  node.op->reference(node, pointers, {.step = clock.step, .dtype = node.dtype}, output);
  return output.values;
}

std::vector<double> some_numbers(int64_t count, uint64_t seed, double low, double high) {
  RandomStream stream(stream_key(seed, 0, "test"));
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = static_cast<float>(stream.uniform(low, high));
  return values;
}

}  // namespace duel::test
