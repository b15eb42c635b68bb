// A run whose every record can be told from its step, and child processes to write it in.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

#include "store/run_file.hpp"

namespace duel {

inline RunLayout small_layout() {
  RunLayout layout;
  layout.metrics = {"discriminator.loss", "generator.loss", "gradient norm"};
  layout.samples = {{"fixed", {8, 6, 3}, {4, 4, 3, 3}}, {"moving", {5, 7, 1}, {2, 2}}};
  layout.evaluations = {{"while training", {"fid", "kid"}}, {"few", {"fid"}}};
  layout.experiment = {{"written", "networks:\n  größe: 3\n"}, {"resolved", ""}, {"name", "mnist-dcgan"}};
  layout.provenance = {{"version", "0.1.0"}, {"threads", "2"}};
  for (int i = 1; i <= 11; ++i) layout.resumes.push_back({{"step", std::to_string(100 * i)}, {"host", "größe"}});
  return layout;
}

inline double metric_value(int64_t step, std::size_t metric) {
  return std::sin(static_cast<double>(step)) + 10.0 * static_cast<double>(metric);
}
inline double seconds_of(int64_t step) { return 0.25 * static_cast<double>(step); }

inline std::vector<uint8_t> picture_of(int64_t step, const RunLayout::Samples& sample) {
  std::vector<uint8_t> pixels(static_cast<std::size_t>(sample.picture.elements()));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(static_cast<std::size_t>(step) + i);
  return pixels;
}

inline std::vector<float> values_of(int64_t step, const RunLayout::Samples& sample) {
  std::vector<float> values(static_cast<std::size_t>(sample.values.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(step) + 0.001F * static_cast<float>(i);
  return values;
}

// What evaluations give every evaluation_period steps; each thing that may be missing is missing in some.
constexpr int64_t evaluation_period = 40;
inline StoredScore score_of(int64_t step, std::size_t metric) {
  StoredScore score;
  score.value = std::cos(static_cast<double>(step)) + 10.0 * static_cast<double>(metric);
  if (metric == 1) score.uncertainty = 0.5 * static_cast<double>(step);
  if (step % 80 == 0) score.floor = 0.125 * static_cast<double>(step);
  score.record = fmt::format(R"({{"metric":"größe {}","step":{}}})", metric, step);
  return score;
}

inline std::vector<StoredScore> scores_of(int64_t step, const RunLayout::Evaluations& evaluation) {
  std::vector<StoredScore> scores;
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) scores.push_back(score_of(step, i));
  return scores;
}

// Appends steps first to last; samples every tenth step, evaluations every fortieth, a flush every `flush_every`.
inline void append_steps(RunFile& file, const RunLayout& layout, int64_t first, int64_t last, int64_t flush_every) {
  std::vector<double> values(layout.metrics.size());
  for (int64_t step = first; step <= last; ++step) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = metric_value(step, i);
    file.append_metrics(step, seconds_of(step), values);
    if (step % 10 == 0)
      for (std::size_t i = 0; i < layout.samples.size(); ++i)
        file.append_sample(i, step, picture_of(step, layout.samples[i]), values_of(step, layout.samples[i]));
    if (step % evaluation_period == 0)
      for (std::size_t i = 0; i < layout.evaluations.size(); ++i)
        file.append_evaluation(i, step, seconds_of(step), scores_of(step, layout.evaluations[i]));
    if (step % flush_every == 0) file.flush();
  }
}

// Runs body in a child process and lets it leave through exit(), so that HDF5's own clean-up at exit is seen.
inline pid_t start_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = 99;
  try {
    code = body();
  } catch (...) {
  }
  std::exit(code);
}

// The exit code, or minus the signal that ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace duel
