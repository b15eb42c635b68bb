// radix_sort against std::sort, on numbers of every kind.
#include "plugins/metrics/radix_sort.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/random.hpp"

namespace duel {
namespace {

using Values = std::vector<double>;

Values drawn(std::size_t count, const std::function<double(RandomStream&)>& draw) {
  RandomStream random(stream_key(1, 0, "radix_sort"));
  Values values(count);
  for (double& value : values) value = draw(random);
  return values;
}

void expect_sorted(Values values, const std::string& what) {
  Values expected = values, scratch;
  std::ranges::sort(expected);
  radix_sort(values, scratch);
  EXPECT_EQ(values, expected) << what;
}

TEST(RadixSort, SortsNumbersThatAreSpreadOut) {
  const auto normal = [](RandomStream& random) { return random.normal(); };
  for (const std::size_t count : {0, 1, 2, 2047, 2048, 2049, 100000}) {
    expect_sorted(drawn(count, normal), "normal");
    expect_sorted(drawn(count, [](RandomStream& random) { return std::pow(random.normal(), 9); }), "heavy tails");
    expect_sorted(drawn(count, [](RandomStream& random) { return 1e9 + random.normal(); }), "far away");
    Values rising = drawn(count, normal);
    std::ranges::sort(rising);
    expect_sorted(rising, "rising");
    std::ranges::reverse(rising);
    expect_sorted(rising, "falling");
  }
}

TEST(RadixSort, SortsNumbersThatAreNot) {
  constexpr std::size_t count = 5000;
  expect_sorted(Values(count, 3.5), "equal");
  expect_sorted(drawn(count, [](RandomStream& random) { return static_cast<double>(random.below(3)); }),
                "three values");
  expect_sorted(drawn(count, [](RandomStream& random) { return random.below(2) == 0 ? 0.0 : -0.0; }), "zeros");
  Values lone = drawn(count, [](RandomStream& random) { return random.normal(); });
  lone[7] = 1e300;
  expect_sorted(lone, "all but one at one place");
  lone[8] = -std::numeric_limits<double>::max();
  lone[9] = std::numeric_limits<double>::max();
  expect_sorted(lone, "an infinite distance");
  constexpr double least = std::numeric_limits<double>::denorm_min();
  expect_sorted(drawn(count, [](RandomStream& random) { return least * static_cast<double>(random.below(100)); }),
                "hardly apart");
}

// As it comes from one set of numbers to the next, with what it held.
TEST(RadixSort, TakesAnyScratch) {
  Values scratch(7, 9.0), large = drawn(6000, [](RandomStream&random) { return random.normal(); });
  Values small(large.begin(), large.begin() + 3000);
  radix_sort(large, scratch);
  radix_sort(small, scratch);
  EXPECT_TRUE(std::ranges::is_sorted(large));
  EXPECT_TRUE(std::ranges::is_sorted(small));
}

}  // namespace
}  // namespace duel
