#include "plugins/metrics/radix_sort.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

namespace duel {
namespace {

constexpr int digit_bits = 8;  // so few buckets that the L1 cache holds what is written next to each
constexpr int digits = 4;
constexpr std::size_t buckets = std::size_t{1} << digit_bits;
constexpr std::ptrdiff_t few = 24;        // are sorted by insertion
constexpr std::size_t worthwhile = 2048;  // numbers

// A whole number that never falls where the numbers rise: the bits of the distance from the centre in single precision.
// Near the centre, where most numbers lie, it tells apart the finest.
struct Place {
  double centre;

  uint32_t operator()(double value) const {
    const auto bits = std::bit_cast<int32_t>(static_cast<float>(value - centre));
    constexpr uint32_t sign = uint32_t{1} << 31;
    // All bits of negative ones are turned round, of others the sign: without a branch, as either is as likely.
    return static_cast<uint32_t>(bits) ^ (static_cast<uint32_t>(bits >> 31) | sign);
  }
  std::size_t digit(double value, int number) const {
    return ((*this)(value) >> (digit_bits * number)) & (buckets - 1);
  }
};

using Histograms = std::array<std::array<std::size_t, buckets>, digits>;

Histograms histograms_of(std::span<const double> values, const Place& place) {
  Histograms counts{};
  for (const double value : values) {
    const uint32_t at = place(value);
    for (int d = 0; d < digits; ++d) {
      ++counts[static_cast<std::size_t>(d)][(at >> (digit_bits * d)) & (buckets - 1)];
    }
  }
  return counts;
}

void sort_by_insertion(double* begin, double* end) {
  for (double* next = begin + 1; next < end; ++next) {
    const double value = *next;
    double* gap = next;
    for (; gap > begin && gap[-1] > value; --gap) *gap = gap[-1];
    *gap = value;
  }
}

// Those of one place stand together, in any order.
void sort_within_places(double* begin, double* end, const Place& place) {
  while (begin != end) {
    const uint32_t here = place(*begin);
    double* const run = std::find_if(begin + 1, end, [&](double value) { return place(value) != here; });
    if (run - begin > few) {
      std::sort(begin, run);
    } else {
      sort_by_insertion(begin, run);
    }
    begin = run;
  }
}

}  // namespace

void radix_sort(std::span<double> values, std::vector<double>& scratch) {
  const Place place{std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size())};
  if (values.size() < worthwhile || !std::isfinite(place.centre)) {
    std::ranges::sort(values);
    return;
  }
  Histograms counts = histograms_of(values, place);
  scratch.resize(values.size());
  double *from = values.data(), *to = scratch.data();
  for (int d = 0; d < digits; ++d) {
    auto& next = counts[static_cast<std::size_t>(d)];
    std::size_t begin = 0;
    for (std::size_t& bucket : next) begin += std::exchange(bucket, begin);
    for (std::size_t i = 0; i < values.size(); ++i) to[next[place.digit(from[i], d)]++] = from[i];
    std::swap(from, to);
  }
  static_assert(digits % 2 == 0, "the last pass writes to the values");
  sort_within_places(values.data(), values.data() + values.size(), place);
}

}  // namespace duel
