#include "evaluate/evaluate.hpp"

#include <cmath>

#include "data/errors.hpp"

namespace duel {
namespace {

// A side with what was computed of it.
class Side {
 public:
  explicit Side(const SideData& data)
      : rows_(std::get_if<FeatureMatrix>(&data)), statistics_(std::get_if<FeatureStatistics>(&data)) {}

  const std::string& place() const { return rows_ != nullptr ? rows_->place() : statistics_->place; }
  const FeatureOrigin& origin() const { return rows_ != nullptr ? rows_->origin() : statistics_->origin; }
  int64_t width() const { return rows_ != nullptr ? rows_->width() : statistics_->width(); }

  EvaluationSide provide(SideNeed need, const std::string& metric) {
    if (need == SideNeed::nothing) return {};
    if (need == SideNeed::statistics) return {rows_, &statistics()};
    if (rows_ == nullptr) {
      fail_data(place(), fmt::format("holds statistics alone, and {} needs the samples themselves", metric),
                "give their features");
    }
    if (need == SideNeed::images && !rows_->holds_images()) {
      fail_data(place(),
                fmt::format("holds examples of shape {}, and {} needs images", to_string(rows_->shape()), metric),
                "give images: height, width, channels");
    }
    if (need == SideNeed::labelled_rows && rows_->labels().empty()) {
      fail_data(place(), fmt::format("does not say the classes of its examples, which {} needs", metric));
    }
    return {rows_, nullptr};
  }

  std::optional<int64_t> count(SideNeed need) const {
    if (need == SideNeed::nothing) return std::nullopt;
    return rows_ != nullptr ? rows_->count() : statistics_->count;
  }

 private:
  const FeatureStatistics& statistics() {
    if (statistics_ != nullptr) return *statistics_;
    if (!computed_) computed_ = statistics_of(*rows_);
    return *computed_;
  }

  const FeatureMatrix* rows_;
  const FeatureStatistics* statistics_;
  std::optional<FeatureStatistics> computed_;
};

// What both sides say, or what only one of them knows.
std::string common(const std::string& real, const std::string& fake, const std::string& what,
                   std::vector<std::string>& warnings) {
  if (real.empty() || fake.empty() || real == fake) return real.empty() ? fake : real;
  warnings.push_back(fmt::format("{} differ: {} (real), {} (fake)", what, real, fake));
  return fmt::format("{} | {}", real, fake);
}

// The protocol of a metric that compares the two sides.
Protocol protocol_of(const Side& real, const Side& fake, std::vector<std::string>& warnings) {
  const FeatureOrigin &a = real.origin(), &b = fake.origin();
  if (real.width() != fake.width()) {
    fail_data(fake.place(),
              fmt::format("its features have a width of {}, and those of {} have {}", fake.width(), real.place(),
                          real.width()),
              "both sides need the same features");
  }
  if (!a.hash.empty() && !b.hash.empty() && a.hash != b.hash) {
    fail_data(fake.place(), fmt::format("its features were made by other weights than those of {}", real.place()),
              "both sides need the same features");
  }
  Protocol protocol;
  protocol.features = common(a.name, b.name, "the features", warnings);
  protocol.features_hash = a.hash.empty() ? b.hash : a.hash;
  protocol.preprocessing = common(a.preprocessing, b.preprocessing, "the preprocessing", warnings);
  protocol.split = a.split;
  for (const Side* side : {&real, &fake}) {
    if (side->origin().name.empty()) {
      warnings.push_back(fmt::format("{} does not say what its features are", side->place()));
    }
  }
  return protocol;
}

Protocol protocol_of(const Side& fake) {
  const FeatureOrigin& origin = fake.origin();
  return {origin.name, origin.hash, origin.preprocessing, {}, {}, {}};
}

void check_paired(const Side& real, const Side& fake, const std::string& metric) {
  if (real.count(SideNeed::rows) == fake.count(SideNeed::rows)) return;
  fail_data(fake.place(), fmt::format("has {} examples and {} has {}: {} compares them in pairs",
                                      *fake.count(SideNeed::rows), real.place(), *real.count(SideNeed::rows), metric));
}

// Finite features whose squares or products are not.
void check_finite(const EvaluationRecord& record, const std::string& place) {
  if (std::isfinite(record.value) && std::isfinite(record.uncertainty.value_or(0))) return;
  fail_data(place, fmt::format("{} is beyond the range of numbers: some features are too large", record.metric),
            "scale the features of both sides");
}

}  // namespace

std::vector<EvaluationRecord> evaluate(const SideData& real_data, const SideData& fake_data,
                                       const std::vector<NamedMetric>& metrics, uint64_t seed) {
  Side real(real_data), fake(fake_data);
  std::vector<EvaluationRecord> records;
  for (const auto& [name, metric] : metrics) {
    const MetricNeeds needs = metric->needs();
    std::vector<std::string> warnings;
    const Protocol common_protocol =
        needs.real == SideNeed::nothing ? protocol_of(fake) : protocol_of(real, fake, warnings);
    const EvaluationInput input{real.provide(needs.real, name), fake.provide(needs.fake, name), seed};
    if (needs.paired) check_paired(real, fake, name);
    const std::vector<MetricOutput> outputs = metric->outputs();
    std::vector<EvaluationRecord> made = metric->evaluate(input);
    DUEL_CHECK(made.size() == outputs.size(), "{}: {} records for {} outputs", name, made.size(), outputs.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      EvaluationRecord& record = made[i];
      DUEL_CHECK(record.metric == outputs[i].name, "{}: record {} for output {}", name, record.metric, outputs[i].name);
      record.better = outputs[i].better;
      Protocol protocol = common_protocol;
      protocol.seed = record.protocol.seed;
      protocol.parameters = std::move(record.protocol.parameters);
      record.protocol = std::move(protocol);
      record.n_real = real.count(needs.real);
      record.n_fake = fake.count(needs.fake);
      record.warnings.insert(record.warnings.begin(), warnings.begin(), warnings.end());
      check_finite(record, fake.place());
      records.push_back(std::move(record));
    }
  }
  return records;
}

}  // namespace duel
