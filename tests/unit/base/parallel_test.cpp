#include "base/parallel.hpp"

#include <cblas.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace duel {
namespace {

TEST(ThreadPool, RunsEveryTileOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const int64_t tiles : {0, 1, 2, 1000}) {
      std::vector<std::atomic<int>> counts(static_cast<std::size_t>(tiles));
      pool.run([&] { for_tiles(tiles, [&](int64_t i) { ++counts[static_cast<std::size_t>(i)]; }); });
      for (const auto& count : counts) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, DefaultIsAllCores) { EXPECT_GE(ThreadPool().threads(), 1); }

TEST(ThreadPool, UsesItsThreadsAndNoMore) {
  ThreadPool pool(2);
  std::mutex mutex;
  std::set<std::thread::id> seen;
  pool.run([&] {
    for_tiles(200, [&](int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
  });
  EXPECT_EQ(seen.size(), 2u);
}

// Plain memory on both sides: under ThreadSanitizer this proves that for_tiles orders it.
TEST(ForTiles, OrdersWhatIsBeforeWithinAndAfter) {
  ThreadPool pool(2);
  std::vector<int64_t> values(512);
  pool.run([&] {
    for (int round = 0; round < 200; ++round) {
      std::iota(values.begin(), values.end(), round);
      for_tiles(16, [&](int64_t tile) {
        for (int64_t i = tile * 32; i < (tile + 1) * 32; ++i) values[static_cast<std::size_t>(i)] *= 2;
      });
      int64_t sum = 0;
      for (const int64_t value : values) sum += value;
      ASSERT_EQ(sum, 2 * (512 * round + 511 * 256));
    }
  });
}

// The inner tiles sleep, so that idle threads take some of them and the thread that waits for those has time to stray:
// without isolation it does in a third of the rounds.
TEST(ForTiles, NestsWithoutEnteringAnotherOuterTile) {
  constexpr int rounds = 100, outer = 9, inner = 4;
  ThreadPool pool(4);
  std::atomic<int> nested_entries = 0;
  std::atomic<int> inner_tiles = 0;
  const auto outer_tile = [&](int64_t) {
    thread_local bool busy = false;  // stands for scratch memory of the thread
    if (busy) ++nested_entries;
    busy = true;
    for_tiles(inner, [&](int64_t tile) {
      std::this_thread::sleep_for(std::chrono::microseconds(50 * tile));
      ++inner_tiles;
    });
    busy = false;
  };
  pool.run([&] {
    for (int round = 0; round < rounds; ++round) for_tiles(outer, outer_tile);
  });
  EXPECT_EQ(nested_entries, 0);
  EXPECT_EQ(inner_tiles, rounds * outer * inner);
}

TEST(ForTiles, PassesOnAnException) {
  ThreadPool pool(2);
  const auto failing = [&] {
    for_tiles(100, [](int64_t tile) {
      if (tile == 37) throw std::runtime_error("tile 37");
    });
  };
  EXPECT_THROW(pool.run(failing), std::runtime_error);
  std::atomic<int> count = 0;
  pool.run([&] { for_tiles(10, [&](int64_t) { ++count; }); });
  EXPECT_EQ(count, 10);
}

TEST(ForTiles, WorksOutsideAPool) {
  std::atomic<int64_t> sum = 0;
  for_tiles(100, [&](int64_t tile) { sum += tile; });
  EXPECT_EQ(sum, 4950);
}

TEST(ThreadPool, LeavesOpenBlasOneThread) {
  const ThreadPool pool(2);
  EXPECT_EQ(openblas_get_num_threads(), 1);
}

}  // namespace
}  // namespace duel
