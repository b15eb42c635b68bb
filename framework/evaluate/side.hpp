// A side of an evaluation, as metrics ask for it. Internal to evaluate/.
#pragma once

#include <string>

#include "evaluate/metric.hpp"
#include "evaluate/side_data.hpp"

namespace duel {

// Where that which a metric needs of a side comes from: rows, statistics that were given, or both.
class SideSource {
 public:
  SideSource(const FeatureMatrix* rows, const FeatureStatistics* statistics, bool images);

  const FeatureMatrix* rows() const { return rows_; }
  const FeatureStatistics* statistics() const { return statistics_; }
  const std::string& place() const;
  const FeatureOrigin& origin() const { return origin_; }
  int64_t width() const;
  // Shape of an image, where the metric needs images.
  const Shape* image_shape() const { return images_ ? &rows_->shape() : nullptr; }

 private:
  const FeatureMatrix* rows_;
  const FeatureStatistics* statistics_;
  bool images_;
  FeatureOrigin origin_;
};

// Keeps what was computed of a side. One thread.
class Side {
 public:
  // Keeps a reference.
  explicit Side(const SideData& data);

  // Throws UserError(ExitCode::data) naming the side where it lacks what `metric` needs. `need` is not `nothing`.
  SideSource source(SideNeed need, const std::string& metric) const;
  // What the metric is given; statistics are computed once.
  EvaluationSide provide(SideNeed need, const std::string& metric);
  // They are computed again when they are needed.
  void forget_statistics() { computed_.reset(); }
  // Examples that a metric with this need sees; none: nothing, or not known.
  std::optional<int64_t> count(SideNeed need) const;
  // The rows that a metric with this need would get; null where there are none.
  const FeatureMatrix* rows(SideNeed need) const;
  // content_hash() of these rows, computed once. There are some.
  const std::string& content_hash(SideNeed need);

 private:
  const FeatureMatrix* images() const;

  const SideData& data_;
  std::optional<FeatureStatistics> computed_;
  std::optional<std::string> features_hash_, images_hash_;
};

// What the records of a metric have in common that compares the two sides. Throws UserError(ExitCode::data) for sides
// that cannot be compared.
Protocol protocol_of(const SideSource& real, const SideSource& fake, std::vector<std::string>& warnings);
// The same of a metric that looks at one side.
Protocol protocol_of(const SideSource& fake);

}  // namespace duel
