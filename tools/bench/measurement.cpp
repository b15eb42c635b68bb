#include "tools/bench/measurement.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/select.hpp"
#include "tools/bench/allocation_count.hpp"
#include "tools/bench/process.hpp"

namespace duel {
namespace {

// Enough for every thread to have had its first tile of every kind, and for the loader to be ahead.
constexpr int64_t warm_up_steps = 20;

// Between the values nearest to the share; `values` is sorted and not empty.
double quantile(const std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

struct TimedSteps {
  explicit TimedSteps(int64_t steps) : seconds(static_cast<std::size_t>(steps)), gflops(seconds.size()) {}

  std::vector<double> seconds;
  std::vector<double> gflops;
  std::optional<int64_t> allocations;
  double waited_for_data = 0;
};

TimedSteps time_steps(Session& session, int64_t steps) {
  using Clock = std::chrono::steady_clock;
  TimedSteps timed(steps);
  const double waited_before = session.seconds_waited_for_data();
  const auto allocations_before = allocations_so_far();
  DUEL_CHECK(!allocations_before || *allocations_before > 0, "allocations pass the counter by");
  for (std::size_t i = 0; i < timed.seconds.size(); ++i) {
    const auto begin = Clock::now();
    session.advance();
    timed.seconds[i] = std::chrono::duration<double>(Clock::now() - begin).count();
    timed.gflops[i] = 1e-9 * session.step_plan().flops / timed.seconds[i];
  }
  if (allocations_before) timed.allocations = *allocations_so_far() - *allocations_before;
  timed.waited_for_data = session.seconds_waited_for_data() - waited_before;
  return timed;
}

void describe_times(TimedSteps timed, int64_t images_per_step, Measurement& out) {
  double total = 0;
  for (const double seconds : timed.seconds) total += seconds;
  std::ranges::sort(timed.seconds);
  std::ranges::sort(timed.gflops);
  out.lower_quartile_ms = 1e3 * quantile(timed.seconds, 0.25);
  out.ms_per_step = 1e3 * quantile(timed.seconds, 0.5);
  out.upper_quartile_ms = 1e3 * quantile(timed.seconds, 0.75);
  out.images_per_second = 1e3 * static_cast<double>(images_per_step) / out.ms_per_step;
  out.gflops = quantile(timed.gflops, 0.5);
  out.data_wait_share = timed.waited_for_data / total;
  if (timed.allocations) {
    out.allocations_per_step = static_cast<double>(*timed.allocations) / static_cast<double>(timed.seconds.size());
  }
}

}  // namespace

const SgemmRate& Measurement::best_sgemm() const { return *std::ranges::max_element(sgemm, {}, &SgemmRate::gflops); }

Measurement measure(std::shared_ptr<const Experiment> experiment, const SessionOptions& options, int64_t steps,
                    bool profile) {
  const int64_t bytes_before = anonymous_bytes();
  Session session(std::move(experiment), options);
  session.advance();
  Measurement out;
  out.first_step_seconds = seconds_since_start();
  while (session.step() < warm_up_steps) session.advance();
  describe_times(time_steps(session, steps), session.images_per_step(), out);

  out.experiment = session.experiment().name;
  out.data_warning = session.data_warning();
  out.precision = session.experiment().engine.precision;
  out.threads = session.threads();
  out.warm_up_steps = warm_up_steps;
  out.steps = steps;
  const BlasDescription blas = describe_blas();
  out.blas = blas.library + " " + blas.core;
  out.peak_bytes = session.step_plan().peak_bytes();
  out.resident_bytes = peak_resident_bytes();
  out.training_bytes = std::max<int64_t>(0, anonymous_bytes() - bytes_before);
  out.step_hash = session.weights_hash();
  if (profile) {
    session.profile();
    for (int64_t i = 0; i < warm_up_steps; ++i) session.advance();
    out.profile = profile_by_kernel(session.call_times());
  }
  session.run_inside_pool([&] { out.sgemm = measure_sgemm(session.threads()); });  // last: its matrices take memory
  return out;
}

}  // namespace duel
