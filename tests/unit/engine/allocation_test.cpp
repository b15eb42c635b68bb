// After the first step nothing on the heap is touched.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "engine/engine.hpp"
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
int64_t allocations_of_steps(int threads) {
  ThreadPool pool(threads);
  VariableStore variables;
  Executable executable(make_plan(training_step(DType::float32)), variables, pool);
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
  EXPECT_EQ(allocations_of_steps(1), 0);
  EXPECT_EQ(allocations_of_steps(2), 0);
#else
  GTEST_SKIP() << "sanitizers bring their own heap";
#endif
}

}  // namespace
}  // namespace duel

#undef DUEL_COUNTS_ALLOCATIONS
