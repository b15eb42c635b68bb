#include "tests/unit/plugins_metrics/image_scoring.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/parallel.hpp"
#include "plugins/metrics/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

Shape shape_of(const std::vector<int64_t>& extents) { return {extents.at(1), extents.at(2), extents.at(3)}; }

int64_t elements_of(const std::vector<int64_t>& extents) { return extents.at(0) * shape_of(extents).elements(); }

}  // namespace

const nlohmann::json& image_vectors() {
  static const nlohmann::json vectors = read_vectors(DUEL_SOURCE_DIR "/tests/unit/plugins_metrics/image_metrics.json");
  return vectors;
}

Values pixels_of(const std::vector<int64_t>& extents, uint64_t seed) {
  Values values = congruent(elements_of(extents), seed);
  for (double& value : values) value = std::floor(value * 256);
  return values;
}

Values mixed(const Values& first, const Values& second, double share) {
  Values out;
  for (std::size_t i = 0; i < first.size(); ++i) out.push_back((1 - share) * first[i] + share * second[i]);
  return out;
}

FeatureMatrix images_of(const Values& values, const std::vector<int64_t>& extents, const std::string& place) {
  return FeatureMatrix::of(values, shape_of(extents), place, {"pixels", "", "", ""});
}

FeatureMatrix constant_images(double value, const std::vector<int64_t>& extents, const std::string& place) {
  return images_of(Values(static_cast<std::size_t>(elements_of(extents)), value), extents, place);
}

std::shared_ptr<const Metric> image_metric(const std::string& yaml) {
  const Registry& registry = filled_registry<register_metrics>();
  return read_component(registry, registry.metrics, yaml);
}

std::vector<EvaluationRecord> image_scores(const std::string& yaml, const SideData& real, const SideData& fake,
                                           uint64_t seed) {
  return evaluate(real, fake, {{"metric", image_metric(yaml)}}, seed);
}

EvaluationRecord image_score(const std::string& yaml, const SideData& real, const SideData& fake, uint64_t seed) {
  return image_scores(yaml, real, fake, seed).front();
}

std::string image_refusal(const std::string& yaml, const SideData& real, const SideData& fake) {
  return refusal_of([&] { image_scores(yaml, real, fake); });
}

void expect_same_bits_on_any_threads(const std::string& yaml, const SideData& real, const SideData& fake) {
  std::vector<std::vector<EvaluationRecord>> results;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    pool.run([&] { results.push_back(image_scores(yaml, real, fake, 4)); });
  }
  for (const auto& result : results) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      EXPECT_EQ(result[i].value, results[0][i].value) << yaml;
      EXPECT_EQ(result[i].uncertainty, results[0][i].uncertainty) << yaml;
    }
  }
}

}  // namespace duel
