// After the first few batches nothing on the heap is touched.
// g++ 12 inlines the replaced operators and takes their malloc and free for a mistake.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "fake_dataset.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // sanitizers bring their own heap

namespace {
std::atomic<int64_t> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace duel {
namespace {

TEST(Loader, DoesNotAllocateAfterTheFirstBatches) {
  for (const int prefetch : {0, 3}) {
    LoaderOptions options{.batch = 32, .last = LastBatch::keep, .test_share = 0.2, .prefetch = prefetch};
    options.transforms = {std::make_shared<Jitter>(), std::make_shared<Jitter>()};
    Loader loader(std::make_shared<CountingDataset>(1000), options);
    for (int i = 0; i < 5; ++i) loader.next();
    const int64_t before = allocations;
    for (int i = 0; i < 200; ++i) loader.next();
    EXPECT_EQ(allocations - before, 0) << "prefetch " << prefetch;
  }
}

}  // namespace
}  // namespace duel

#endif
