#include "evaluate/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "data/errors.hpp"
#include "evaluate/floor.hpp"
#include "evaluate/leakage.hpp"
#include "evaluate/side.hpp"

namespace duel {
namespace {

void check_paired(const Side& real, const Side& fake, const MetricNeeds& needs, const std::string& metric) {
  const SideSource of_real = real.source(needs.real, metric), of_fake = fake.source(needs.fake, metric);
  if (real.count(needs.real) == fake.count(needs.fake)) return;
  fail_data(of_fake.place(), fmt::format("has {} examples and {} has {}: {} compares them in pairs",
                                         *fake.count(needs.fake), of_real.place(), *real.count(needs.real), metric));
}

// Finite features whose squares or products are not.
void check_finite(const EvaluationRecord& record, const std::string& place) {
  if (std::isfinite(record.value) && std::isfinite(record.uncertainty.value_or(0))) return;
  fail_data(place, fmt::format("{} is beyond the range of numbers: some features are too large", record.metric),
            "scale the features of both sides");
}

// Counts fakes that are reals, of features and of images once each.
class Leakage {
 public:
  // Adds the warning, if there is one, for a metric with these needs.
  void warn(const Side& real, const Side& fake, const MetricNeeds& needs, std::vector<std::string>& warnings) {
    const FeatureMatrix *reals = real.rows(needs.real), *fakes = fake.rows(needs.fake);
    if (reals == nullptr || fakes == nullptr || needs.paired) return;
    const auto [entry, is_new] = counts_.emplace(std::pair(reals, fakes), 0);
    if (is_new) entry->second = count_leaked(*reals, *fakes);
    if (entry->second == 0) return;
    const bool one = entry->second == 1;
    warnings.push_back(
        fmt::format("{} of the {} fakes {} a real example", entry->second, fakes->count(), one ? "equals" : "equal"));
  }

 private:
  std::map<std::pair<const FeatureMatrix*, const FeatureMatrix*>, int64_t> counts_;
};

class Evaluation {
 public:
  Evaluation(const SideData& real, const SideData& fake, const EvaluationOptions& options)
      : real_(real), fake_(fake), options_(options) {}

  std::vector<EvaluationRecord> score(const NamedMetric& named, std::size_t index) {
    const std::string& name = named.name;
    const auto& metric = named.metric;
    const MetricNeeds needs = metric->needs();
    begins(index, false);
    const SideSource fake_source = fake_.source(needs.fake, name);
    std::vector<std::string> warnings;
    const Protocol protocol = needs.real == SideNeed::nothing
                                  ? protocol_of(fake_source)
                                  : protocol_of(real_.source(needs.real, name), fake_source, warnings);
    if (needs.paired) check_paired(real_, fake_, needs, name);
    const EvaluationInput input{real_.provide(needs.real, name), fake_.provide(needs.fake, name), options_.seed};
    std::vector<EvaluationRecord> records = metric->evaluate(input);
    leakage_.warn(real_, fake_, needs, warnings);
    complete(records, named, protocol, warnings);
    for (const EvaluationRecord& record : records) check_finite(record, fake_source.place());
    return records;
  }

  // After all metrics, as the statistics of the sides, of 32 MiB for 2048 features, are of no more use then.
  void add_floor(const NamedMetric& named, std::size_t index, std::vector<EvaluationRecord>& records) {
    begins(index, true);
    real_.forget_statistics();
    fake_.forget_statistics();
    add_floors(real_, fake_, named, options_.seed, options_.cache, records);
  }

 private:
  void begins(std::size_t metric, bool floor) const {
    if (options_.begins) options_.begins(metric, floor);
  }

  // Fills in what metrics leave to their caller.
  void complete(std::vector<EvaluationRecord>& records, const NamedMetric& named, const Protocol& common,
                const std::vector<std::string>& warnings) const {
    const MetricNeeds needs = named.metric->needs();
    const std::vector<MetricOutput> outputs = named.metric->outputs();
    DUEL_CHECK(records.size() == outputs.size(), "{}: {} records for {} outputs", named.name, records.size(),
               outputs.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      EvaluationRecord& record = records[i];
      DUEL_CHECK(record.metric == outputs[i].name, "{}: record {} for output {}", named.name, record.metric,
                 outputs[i].name);
      record.better = outputs[i].better;
      if (named.parameters != "null") record.given = named.parameters;
      Protocol protocol = common;
      protocol.seed = record.protocol.seed;
      protocol.parameters = std::move(record.protocol.parameters);
      record.protocol = std::move(protocol);
      record.n_real = real_.count(needs.real);
      record.n_fake = fake_.count(needs.fake);
      record.warnings.insert(record.warnings.begin(), warnings.begin(), warnings.end());
    }
  }

  Side real_;
  Side fake_;
  const EvaluationOptions& options_;
  Leakage leakage_;
};

}  // namespace

std::vector<EvaluationRecord> evaluate(const SideData& real, const SideData& fake,
                                       const std::vector<NamedMetric>& metrics, const EvaluationOptions& options) {
  Evaluation evaluation(real, fake, options);
  std::vector<std::vector<EvaluationRecord>> by_metric;
  for (std::size_t i = 0; i < metrics.size(); ++i) by_metric.push_back(evaluation.score(metrics[i], i));
  for (std::size_t i = 0; options.floors && i < metrics.size(); ++i) {
    evaluation.add_floor(metrics[i], i, by_metric[i]);
  }
  std::vector<EvaluationRecord> records;
  for (auto& some : by_metric) std::ranges::move(some, std::back_inserter(records));
  return records;
}

std::vector<EvaluationRecord> evaluate(const SideData& real, const SideData& fake,
                                       const std::vector<NamedMetric>& metrics, uint64_t seed) {
  EvaluationOptions options;
  options.seed = seed;
  return evaluate(real, fake, metrics, options);
}

}  // namespace duel
