// What is known of one side of an evaluation.
#pragma once

#include <optional>

#include "evaluate/statistics.hpp"

namespace duel {

// Several of these at once are of the same examples. Metrics on images take `images`, or the features where these are
// images themselves; all others take `features`, and those that need statistics alone take `statistics` where they are
// given. Copies share the rows.
struct SideData {
  std::optional<FeatureMatrix> features;
  std::optional<FeatureStatistics> statistics;
  std::optional<FeatureMatrix> images;  // of the shape height, width, channels, with pixels in whole numbers 0 … 255

  SideData() = default;
  SideData(FeatureMatrix rows) : features(std::move(rows)) {}              // NOLINT: implicit, as most sides are one
  SideData(FeatureStatistics moments) : statistics(std::move(moments)) {}  // NOLINT
};

// Those that are given, or of the features; the side has one of them.
inline FeatureStatistics statistics_of(const SideData& side) {
  return side.statistics ? *side.statistics : statistics_of(*side.features);
}

}  // namespace duel
