// The one place where work meets threads. TBB is the only scheduler. Callers cut work into tiles whose number and
// bounds depend on shapes alone, so results cannot depend on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

namespace duel {

// Owns the worker threads (a tbb::task_arena of `threads` slots and a tbb::global_control). threads = 0 means all
// cores that this process may use. OpenBLAS's and OpenMP's own threads are switched off. Thread-safe to share; one call
// of run() at a time.
class ThreadPool {
 public:
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  // Runs body inside the pool's arena: for_tiles calls in it use the pool's workers.
  void run(const std::function<void()>& body);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// Switches off the own threads of libraries that keep their number by thread (OpenMP), for the calling thread. The
// pool's workers have it done; a thread that prepares work for them with such a library calls it itself, as the library
// may plan for the threads that it finds.
void switch_off_library_threads();

// Calls tile(context, i) for every i in [0, tiles), in any order, on the threads of the enclosing ThreadPool::run (or
// TBB's default arena). Returns when all are done. Does not allocate after warm-up. The first exception is rethrown.
// May nest: a thread that waits in an inner call begins no tile of an outer one, so scratch memory of a thread is safe.
using TileFunction = void (*)(void* context, int64_t tile);
void for_tiles(int64_t tiles, TileFunction function, void* context);

template <class Body>
void for_tiles(int64_t tiles, Body&& body) {
  const auto call = [](void* context, int64_t tile) { (*static_cast<std::remove_reference_t<Body>*>(context))(tile); };
  for_tiles(tiles, call, const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace duel
