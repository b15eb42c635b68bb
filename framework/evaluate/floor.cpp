#include "evaluate/floor.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

// Rows [begin, begin + n) of the permuted reals.
FeatureMatrix drawn(const FeatureMatrix& reals, uint64_t seed, int64_t begin, int64_t n) {
  const uint64_t key = stream_key(seed, 0, "floor");
  std::vector<int64_t> rows;
  for (int64_t i = begin; i < begin + n; ++i) {
    const auto at = permuted_index(key, static_cast<uint64_t>(reals.count()), static_cast<uint64_t>(i));
    rows.push_back(static_cast<int64_t>(at));
  }
  return reals.select(rows);
}

// The sets that take the places of the two sides.
class FloorInput {
 public:
  FloorInput(const Side& real, const MetricNeeds& needs, uint64_t seed, int64_t n) : needs_(needs), seed_(seed) {
    const bool compared = needs.real != SideNeed::nothing;
    if (compared) real_data_ = drawn(*real.rows(needs.real), seed, 0, n);
    fake_data_ = drawn(*real.rows(needs.fake), seed, compared ? n : 0, n);
  }

  std::vector<EvaluationRecord> evaluate(const NamedMetric& metric) const {
    Side fake(fake_data_);
    if (needs_.real == SideNeed::nothing) {
      return metric.metric->evaluate({{}, fake.provide(needs_.fake, metric.name), seed_});
    }
    Side real(real_data_);
    return metric.metric->evaluate(
        {real.provide(needs_.real, metric.name), fake.provide(needs_.fake, metric.name), seed_});
  }

 private:
  MetricNeeds needs_;
  uint64_t seed_;
  SideData real_data_;
  SideData fake_data_;
};

// Of all reals that the sets are drawn from.
std::string content_of(Side& real, const MetricNeeds& needs) {
  std::string content = real.content_hash(needs.fake);
  if (needs.real != SideNeed::nothing) content += " " + real.content_hash(needs.real);
  return content;
}

std::string parameters_text(std::span<const EvaluationRecord> records) {
  std::string text;
  for (const EvaluationRecord& record : records) {
    for (const auto& [name, value] : record.protocol.parameters) {
      text += fmt::format("{}.{}={}\n", record.metric, name, value);
    }
  }
  return text;
}

Floors compute(const Side& real, const NamedMetric& metric, uint64_t seed, int64_t n) {
  Floors floors;
  for (const EvaluationRecord& record : FloorInput(real, metric.metric->needs(), seed, n).evaluate(metric)) {
    if (!std::isfinite(record.value)) fail_data("", fmt::format("{} is beyond the range of numbers", record.metric));
    floors[record.metric] = {record.value, n};
  }
  return floors;
}

// Whether a cached floor is there for each record.
bool complete(const Floors& floors, std::span<const EvaluationRecord> records) {
  return std::ranges::all_of(records, [&](const EvaluationRecord& record) { return floors.contains(record.metric); });
}

Floors floors_of(Side& real, const NamedMetric& metric, uint64_t seed, int64_t n, const FloorCache* cache,
                 std::span<const EvaluationRecord> records) {
  if (cache == nullptr) return compute(real, metric, seed, n);
  // Those that were used do not tell those of other numbers of examples: "a tenth of the fakes".
  const std::string parameters = metric.parameters + "\n" + parameters_text(records);
  const FloorKey key{content_of(real, metric.metric->needs()), metric.name, parameters, seed, n};
  const std::optional<Floors> kept = cache->find(key);
  if (kept && complete(*kept, records)) return *kept;
  Floors floors = compute(real, metric, seed, n);
  cache->keep(key, floors);
  return floors;
}

// Throws for reals that cannot stand in for the fakes.
int64_t examples_of(const Side& real, const Side& fake, const NamedMetric& metric) {
  const MetricNeeds needs = metric.metric->needs();
  const FeatureMatrix& reals = *real.rows(needs.fake);
  const int64_t width = fake.source(needs.fake, metric.name).width();
  if (reals.width() != width) {
    fail_data(reals.place(),
              fmt::format("its examples have a width of {}, and those that are scored have {}", reals.width(), width));
  }
  reals.require_rows(2, "a floor");
  const int64_t half = reals.count() / 2;
  return std::min(half, fake.count(needs.fake).value_or(half));
}

}  // namespace

void add_floors(Side& real, const Side& fake, const NamedMetric& metric, uint64_t seed, const FloorCache* cache,
                std::span<EvaluationRecord> records) {
  const MetricNeeds needs = metric.metric->needs();
  const bool compared = needs.real != SideNeed::nothing;
  if (!needs.floor || needs.paired || real.rows(needs.fake) == nullptr) return;
  if (compared && real.rows(needs.real) == nullptr) return;
  try {
    const int64_t n = examples_of(real, fake, metric);
    const Floors floors = floors_of(real, metric, seed, n, cache, records);
    for (EvaluationRecord& record : records) {
      record.floor = floors.at(record.metric);
      record.floor_seed = seed;
    }
  } catch (const UserError& refusal) {
    for (EvaluationRecord& record : records) record.warnings.push_back(fmt::format("no floor: {}", refusal.what()));
  }
}

}  // namespace duel
