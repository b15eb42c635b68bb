#include "data/loader.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "data/batch_maker.hpp"

namespace duel {

// Batch n lives in buffer n mod buffers. The thread makes the batches [made_, taken_ + prefetch) ahead of the user, who
// holds batch taken_ - 1: one buffer more than `prefetch` keeps the two apart.
struct Loader::Implementation {
  Implementation(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options)
      : maker(std::move(dataset), options), prefetch(options.prefetch) {
    DUEL_CHECK(prefetch >= 0, "a prefetch of {}", prefetch);
  }

  ~Implementation() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wanted.notify_all();
    if (thread.joinable()) thread.join();
  }

  BatchBuffer& buffer(int64_t number) { return buffers[static_cast<std::size_t>(number) % buffers.size()]; }

  void start() {
    for (int i = 0; i <= prefetch; ++i) buffers.push_back(maker.make_buffer());
    if (prefetch > 0) thread = std::thread([this] { work(); });
  }

  void seek(int64_t number) {
    const std::lock_guard lock(mutex);
    if (number == taken && !error) return;  // what is made ahead is what will be asked for
    taken = made = number;
    error = nullptr;
    ++generation;
    wanted.notify_all();
  }

  const Batch& next() {
    if (buffers.empty()) start();
    const auto begin = std::chrono::steady_clock::now();
    const int64_t number = taken;
    if (prefetch == 0) {
      maker.fill(number, buffer(number));
      ++taken;
    } else {
      await(number);
    }
    waited += std::chrono::steady_clock::now() - begin;
    return buffer(number).batch;
  }

  void await(int64_t number) {
    std::unique_lock lock(mutex);
    ready.wait(lock, [&] { return made > number || error; });
    if (made <= number) std::rethrow_exception(error);
    ++taken;
    wanted.notify_all();
  }

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      wanted.wait(lock, [&] { return stopping || (!error && made < taken + prefetch); });
      if (stopping) return;
      const int64_t number = made;
      const uint64_t began_in = generation;
      lock.unlock();
      const std::exception_ptr failure = make(number);
      lock.lock();
      if (generation != began_in) continue;  // the user went elsewhere meanwhile
      if (failure) {
        error = failure;
      } else {
        ++made;
      }
      ready.notify_all();
    }
  }

  std::exception_ptr make(int64_t number) noexcept {
    try {
      maker.fill(number, buffer(number));
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  BatchMaker maker;
  int prefetch;
  std::vector<BatchBuffer> buffers;
  std::chrono::duration<double> waited{0};

  std::mutex mutex;  // guards what follows, and `taken` against the thread
  std::condition_variable wanted;
  std::condition_variable ready;
  int64_t taken = 0;         // the user's next batch
  int64_t made = 0;          // the thread's next batch
  uint64_t generation = 0;   // counts the seeks
  std::exception_ptr error;  // of making batch `made`
  bool stopping = false;
  std::thread thread;
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(dataset), options)) {}

Loader::~Loader() = default;

const std::vector<Field>& Loader::fields() const { return implementation_->maker.fields(); }

std::optional<int64_t> Loader::examples() const { return implementation_->maker.order().examples(); }

std::optional<int64_t> Loader::batches_per_epoch() const { return implementation_->maker.order().batches_per_epoch(); }

int64_t Loader::rows(int64_t number) const { return implementation_->maker.order().rows(number); }

void Loader::seek(int64_t number) {
  DUEL_CHECK(number >= 0, "seek to batch {}", number);
  implementation_->seek(number);
}

const Batch& Loader::next() { return implementation_->next(); }

double Loader::seconds_waited() const { return implementation_->waited.count(); }

}  // namespace duel
