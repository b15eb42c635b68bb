// Floors of real metrics, against what theory finds.
#include <gmock/gmock.h>

#include "evaluate/floor_cache.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/plugins_metrics/scoring.hpp"

namespace duel {
namespace {

std::vector<Floor> floors(const std::vector<std::string>& written, const SideData& real, const SideData& fake,
                          uint64_t seed = 0) {
  const Registry& registry = filled_registry<register_metrics>();
  std::vector<NamedMetric> metrics;
  for (const std::string& yaml : written) metrics.push_back({yaml, read_component(registry, registry.metrics, yaml)});
  std::vector<Floor> out;
  for (const EvaluationRecord& record : evaluate(real, fake, metrics, {.seed = seed, .floors = true})) {
    EXPECT_TRUE(record.floor) << record.metric;
    out.push_back(record.floor.value_or(Floor{}));
  }
  return out;
}

// E FID of two sets of n samples of N(0, I) is 2 (d + d(d + 1)/4)/n to first order; that of kid is 0.
TEST(Floors, OfNormalSamplesAreThoseOfTheory) {
  constexpr int64_t d = 6, n = 1000, draws = 100;
  double fid = 0, kid = 0;
  for (uint64_t seed = 0; seed < draws; ++seed) {
    const auto found =
        floors({"fid", "kid: {subsets: 1, subset_size: 200}"}, normal(2 * n, d, seed), normal(n, d, 100 + seed), seed);
    EXPECT_EQ(found[0].n, n);
    fid += found[0].value / draws;
    kid += found[1].value / draws;
  }
  const double expected = 2 * (d + d * (d + 1) / 4.0) / n;
  EXPECT_NEAR(fid, expected, 0.1 * expected);
  EXPECT_NEAR(kid, 0, 2e-3);
}

// Of half of the reals each, precision is that of equal distributions, whatever the fakes.
TEST(Floors, DoNotDependOnTheFakes) {
  const SideData real = normal(400, 3, 1);
  const auto near = floors({"prdc"}, real, normal(200, 3, 2)), far = floors({"prdc"}, real, normal(200, 3, 3));
  EXPECT_EQ(near, far);
  for (const std::size_t i : {0, 1, 3}) EXPECT_GT(near[i].value, 0.7);
}

// A hundred rows are a tenth of the fakes, and not of the floor's sets: what was kept of one is not that of the other.
TEST(Floors, AreKeptByTheParametersAsWritten) {
  const SideData real = normal(1000, 3, 1), fake = normal(1000, 3, 2);
  const TemporaryFolder folder;
  const FloorCache cache(folder.path());
  const Registry& registry = filled_registry<register_metrics>();
  std::vector<double> kept, computed;
  for (const std::string parameters : {"", "{smallest: 100}"}) {
    const std::string yaml = parameters.empty() ? "fid_infinity" : "fid_infinity: " + parameters;
    const std::vector<NamedMetric> metrics{
        {"fid_infinity", read_component(registry, registry.metrics, yaml), parameters}};
    kept.push_back(evaluate(real, fake, metrics, {.floors = true, .cache = &cache})[0].floor.value().value);
    computed.push_back(evaluate(real, fake, metrics, {.floors = true})[0].floor.value().value);
  }
  EXPECT_NE(computed[0], computed[1]);
  EXPECT_EQ(kept, computed);
}

TEST(Floors, HaveTheSameBitsOnAnyNumberOfThreads) {
  const SideData real = normal(300, 5, 1), fake = normal(120, 5, 2);
  std::vector<Floor> one;
  for (const int threads : {1, 2, 3}) {
    ThreadPool(threads).run([&] {
      const auto found = floors({"fid", "fid_infinity", "kid: {subset_size: 50}", "prdc"}, real, fake);
      if (threads == 1) one = found;
      EXPECT_EQ(found, one);
    });
  }
}

}  // namespace
}  // namespace duel
