#include "tools/sweep/launch.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "sweep/index.hpp"
#include "tools/command.hpp"
#include "tools/stop_signals.hpp"
#include "tools/sweep/table.hpp"
#include "tools/sweep/workers.hpp"

namespace duel {
namespace {

// An agent that was asked to stop, by whoever: it has saved its run.
bool was_stopped(int code) { return code == queued_again || code == 128 + SIGINT || code == 128 + SIGTERM; }

// An agent that ends by itself with an error says why in its log.
[[noreturn]] void fail_with(const Workers& workers, const Workers::Ended& ended) {
  if (*ended.code == cannot_start) {
    throw UserError(ExitCode::storage, fmt::format("worker {} cannot be started", ended.worker + 1),
                    "is the sweep's folder writable, and the program still where it was?");
  }
  const auto code = static_cast<ExitCode>(*ended.code);
  const bool known = code >= ExitCode::experiment && code <= ExitCode::in_use;
  if (known) throw UserError(code, workers.last_words(ended.worker));
  throw InternalError(fmt::format("worker {} ended with exit code {}: {}", ended.worker + 1, *ended.code,
                                  workers.last_words(ended.worker)));
}

void see_ended_workers(Sweep& sweep, Workers& workers, bool stopping) {
  for (const Workers::Ended& ended : workers.ended()) {
    if (!ended.code) sweep.died(ended.agent, fmt::format("signal {}", ended.signal));
    if (ended.code && *ended.code != 0 && !was_stopped(*ended.code) && !stopping) fail_with(workers, ended);
  }
}

}  // namespace

// Where nothing is left but runs whose folders other processes use, for 2 s already: throws UserError(ExitCode::in_use)
// that names one of these processes.
class ForeignUse {
 public:
  void look_at(const Sweep& sweep, const SweepState::IsAlive& is_alive, bool idle) {
    const auto left = sweep.state().next_place(is_alive, [](RunPlace) { return true; });
    if (!idle || !left || sweep.is_free(*left)) {
      since_.reset();
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!since_) since_ = now;
    if (now - *since_ > std::chrono::seconds(2)) const FileLock in_use(sweep.run_folder(*left) / "run.lock");
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> since_;
};

int run_workers(Sweep& sweep, int threads, Telling telling) {
  catch_stop_signals();
  Workers workers(sweep.folder(), sweep.definition().parallel, threads);
  SweepDisplay display(sweep, telling);
  const auto is_alive = [&](const std::string& agent) { return sweep.is_alive(agent); };
  const auto is_free = [&](RunPlace place) { return sweep.is_free(place); };
  ForeignUse foreign_use;
  bool stopping = false;
  for (;;) {
    sweep.refresh();
    if (stop_asked() && !stopping) {
      workers.signal(stop_signal());
      stopping = true;
    }
    see_ended_workers(sweep, workers, stopping);
    const bool is_left = sweep.state().next_place(is_alive, is_free).has_value();
    for (std::size_t i = 0; !stopping && i < workers.count() && is_left; ++i) {
      if (!workers.is_running(i)) workers.start(i);
    }
    foreign_use.look_at(sweep, is_alive, workers.running() == 0);
    display.update();
    // What agents of another launcher still train is waited for.
    if (workers.running() == 0 && (stopping || sweep.state().is_over())) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  display.finish();
  write_index(sweep.folder() / "sweep.h5", sweep);
  if (telling == Telling::all) print_out(closing_text(sweep));
  if (telling == Telling::json) print_out(closing_event(sweep));
  if (stopping) return 128 + stop_signal();
  if (sweep.state().has_value()) return 0;
  std::fprintf(stderr, "no trial came to its end with a value of %s\n", sweep.definition().metric.name.name.c_str());
  return static_cast<int>(ExitCode::diverged);
}

}  // namespace duel
