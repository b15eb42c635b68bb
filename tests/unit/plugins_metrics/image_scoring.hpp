// What tests of metrics on images share: images that make_image_metrics.py draws in the same way, and scores of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluate/evaluate.hpp"
#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {

// image_metrics.json, which make_image_metrics.py wrote.
const nlohmann::json& image_vectors();

// The same numbers as in make_image_metrics.py. The extents are those of all images: n, height, width, channels.
Values pixels_of(const std::vector<int64_t>& extents, uint64_t seed);
Values mixed(const Values& first, const Values& second, double share);

FeatureMatrix images_of(const Values& values, const std::vector<int64_t>& extents, const std::string& place = "images");
// `count` images with one value everywhere.
FeatureMatrix constant_images(double value, const std::vector<int64_t>& extents, const std::string& place = "images");

// The metric that the YAML says, and its records.
std::shared_ptr<const Metric> image_metric(const std::string& yaml);
std::vector<EvaluationRecord> image_scores(const std::string& yaml, const SideData& real, const SideData& fake,
                                           uint64_t seed = 0);
EvaluationRecord image_score(const std::string& yaml, const SideData& real, const SideData& fake, uint64_t seed = 0);
// What the metric says of sides that it cannot judge; "accepted" if it can.
std::string image_refusal(const std::string& yaml, const SideData& real, const SideData& fake);

// Fails where a score on 1, 2 and 3 threads has unlike bits.
void expect_same_bits_on_any_threads(const std::string& yaml, const SideData& real, const SideData& fake);

}  // namespace duel
