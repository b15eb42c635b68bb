// Metrics on two sides, for tests: components from one line of YAML, and samples that are easy to draw.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "evaluate/evaluate.hpp"
#include "plugins/metrics/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/vectors.hpp"

namespace duel {

using Values = std::vector<double>;

inline std::vector<EvaluationRecord> scores(const std::string& yaml, const SideData& real, const SideData& fake,
                                            uint64_t seed = 0) {
  const Registry& registry = filled_registry<register_metrics>();
  return evaluate(real, fake, {{"metric", read_component(registry, registry.metrics, yaml)}}, seed);
}

inline EvaluationRecord score(const std::string& yaml, const SideData& real, const SideData& fake, uint64_t seed = 0) {
  return scores(yaml, real, fake, seed).front();
}

inline double value_of(const std::string& yaml, const Values& real, const Values& fake, int64_t width) {
  return score(yaml, FeatureMatrix::of(real, width), FeatureMatrix::of(fake, width)).value;
}

inline std::string refusal_of(const std::string& yaml, const SideData& real, const SideData& fake) {
  return refusal_of([&] { scores(yaml, real, fake); });
}

inline FeatureMatrix normal(int64_t rows, int64_t width, uint64_t seed, double shift = 0) {
  RandomStream random(stream_key(seed, 0, "normal"));
  Values values;
  for (int64_t i = 0; i < rows * width; ++i) values.push_back(random.normal() + shift);
  return FeatureMatrix::of(values, width, "features", {"values", "", "", ""});
}

// The congruence of the scripts here that make numbers of other libraries.
inline Values congruent(int64_t count, uint64_t seed, double scale = 1, double shift = 0) {
  Values values;
  uint64_t state = seed;
  for (int64_t i = 0; i < count; ++i) {
    state = (state * 1103515245 + 12345) % (uint64_t{1} << 31);
    values.push_back(static_cast<double>(state) / static_cast<double>(uint64_t{1} << 31) * scale + shift);
  }
  return values;
}

// What the script of that name made.
inline nlohmann::json numbers_of(const std::string& file) {
  return read_vectors(std::string(DUEL_SOURCE_DIR) + "/tests/unit/plugins_metrics/" + file);
}

// What is wrong with the parameters themselves.
inline std::string conflict_of(const std::string& yaml) {
  const Registry& registry = filled_registry<register_metrics>();
  return refusal_of([&] { read_component(registry, registry.metrics, yaml); }, ExitCode::experiment);
}

// Values and uncertainties have the same bits on 1, 2 and 3 threads.
inline void expect_the_same_bits(const std::string& yaml, const SideData& real, const SideData& fake,
                                 uint64_t seed = 0) {
  std::vector<std::vector<EvaluationRecord>> results;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    pool.run([&] { results.push_back(scores(yaml, real, fake, seed)); });
  }
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    for (const auto& result : results) {
      EXPECT_EQ(result[i].value, results[0][i].value) << yaml;
      EXPECT_EQ(result[i].uncertainty, results[0][i].uncertainty) << yaml;
    }
  }
}

}  // namespace duel
