#include "base/parallel.hpp"

#include <cblas.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include "base/error.hpp"

#if defined(DUEL_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>

// TBB frees its own objects on other threads than it made them. This hides those calls of the library, and nothing that
// our code does within a task.
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libtbb.so\n"; }
#endif

#if defined(__SANITIZE_ADDRESS__)
// A worker that is still on its way out when the process ends keeps TBB's own record of the observer below alive (the
// same order of events as in oneTBB pull request 1410): 40 bytes that LeakSanitizer then reports.
extern "C" const char* __lsan_default_suppressions() { return "leak:tbb::detail::r1::observe\n"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif

// Present only where something in the program brings an OpenMP runtime along.
extern "C" __attribute__((weak)) void omp_set_num_threads(int);

namespace duel {
namespace {

// The libraries under the kernels must not start threads of their own: a tile is one thread's work. OpenBLAS keeps
// one number for the process, OpenMP one for each thread.
void switch_off_openblas_threads() {
  static const bool done = (openblas_set_num_threads(1), true);
  (void)done;
}

class OneThreadEach : public tbb::task_scheduler_observer {
 public:
  explicit OneThreadEach(tbb::task_arena& arena) : task_scheduler_observer(arena) { observe(true); }
  ~OneThreadEach() override { observe(false); }
  void on_scheduler_entry(bool) override { switch_off_library_threads(); }
};

// ThreadSanitizer does not see how the uninstrumented TBB library orders its tasks. These tell it what TBB promises:
// what came before for_tiles is before every tile, and every tile is before what comes after.
class TileOrder {
 public:
#if defined(DUEL_THREAD_SANITIZER)
  void before_all() { __tsan_release(&begin_); }
  void before_tile() { __tsan_acquire(&begin_); }
  void after_tile() { __tsan_release(&end_); }
  void after_all() { __tsan_acquire(&end_); }

 private:
  char begin_ = 0;
  char end_ = 0;
#else
  void before_all() {}
  void before_tile() {}
  void after_tile() {}
  void after_all() {}
#endif
};

}  // namespace

void switch_off_library_threads() {
  if (omp_set_num_threads != nullptr) omp_set_num_threads(1);
}

struct ThreadPool::Implementation {
  explicit Implementation(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)),
        arena(threads),
        observer(arena) {}

  tbb::global_control limit;
  tbb::task_arena arena;
  OneThreadEach observer;
};

ThreadPool::ThreadPool(int threads) {
  DUEL_CHECK(threads >= 0, "a pool of {} threads", threads);
  switch_off_openblas_threads();
  implementation_ = std::make_unique<Implementation>(threads == 0 ? tbb::info::default_concurrency() : threads);
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::threads() const { return implementation_->arena.max_concurrency(); }

void ThreadPool::run(const std::function<void()>& body) { implementation_->arena.execute(body); }

void for_tiles(int64_t tiles, TileFunction function, void* context) {
  if (tiles <= 0) return;
  if (tiles == 1) return function(context, 0);
  TileOrder order;
  const auto run_range = [&](const tbb::blocked_range<int64_t>& range) {
    order.before_tile();
    for (int64_t tile = range.begin(); tile != range.end(); ++tile) function(context, tile);
    order.after_tile();
  };
  order.before_all();
  // Isolated: a thread that waits here for the last tiles must not begin a tile of an outer for_tiles, whose scratch
  // memory it may hold already.
  tbb::this_task_arena::isolate(
      [&] { tbb::parallel_for(tbb::blocked_range<int64_t>(0, tiles, 1), run_range, tbb::simple_partitioner()); });
  order.after_all();
}

}  // namespace duel
