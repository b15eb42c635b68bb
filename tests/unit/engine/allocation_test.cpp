// After the first step nothing on the heap is touched.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "engine/engine.hpp"
#include "ops/ops.hpp"
#include "training_step.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DUEL_COUNTS_ALLOCATIONS 0  // sanitizers bring their own heap
#else
#define DUEL_COUNTS_ALLOCATIONS 1

namespace {
std::atomic<int64_t> allocations{0};
}

// The C library's functions by their own names; operator new comes here too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);

void* malloc(std::size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) noexcept {
  if (memory != nullptr) ++allocations;
  __libc_free(memory);
}
}
#endif

namespace duel {
namespace {

#if DUEL_COUNTS_ALLOCATIONS
// A store of rows some of which each step exchanges for its own, as a value that remembers has it.
Graph remembering_step() {
  Graph graph;
  const Tensor stored(graph, graph.variable("stored", {64, 32}));
  const Tensor rows = random_normal(graph, {1, 0, 0}, {16, 32});
  const Tensor place = iota(graph, 16) * 4.0 + floor(random_uniform(graph, {2, 0, 0}, {16}) * 4.0);
  const Tensor changed = reshape(scatter_add(constant(graph, 1, {16}), place, 64), {64, 1});
  graph.add_output("out", sum(gather(stored, place) * rows).id());
  graph.assign("stored", select(changed, scatter_add(rows, place, 64), stored).id());
  return graph;
}

int64_t allocations_of_steps(const Graph& graph, int threads) {
  ThreadPool pool(threads);
  VariableStore variables;
  Executable executable(make_plan(graph), variables, pool);
  // A worker that has not had a tile yet sets itself up at its first one: a few steps until all have.
  uint64_t step = 0;
  while (step < (threads == 1 ? 1U : 200U)) executable.run(step++);
  const int64_t before = allocations;
  while (step < 400) executable.run(step++);
  return allocations - before;
}
#endif

TEST(Allocations, NoneAfterTheFirstStep) {
#if DUEL_COUNTS_ALLOCATIONS
  const int64_t before = allocations;
  std::free(std::malloc(1));
  ASSERT_EQ(allocations - before, 2) << "the counter does not count";
  for (const int threads : {1, 2}) {
    EXPECT_EQ(allocations_of_steps(training_step(DType::float32), threads), 0);
    EXPECT_EQ(allocations_of_steps(remembering_step(), threads), 0);
  }
#else
  GTEST_SKIP() << "sanitizers bring their own heap";
#endif
}

}  // namespace
}  // namespace duel

#undef DUEL_COUNTS_ALLOCATIONS
