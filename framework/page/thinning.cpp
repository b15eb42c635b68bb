#include "page/thinning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace duel {
namespace {

struct Stretch {
  std::size_t lowest = 0;
  std::size_t highest = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
};

Stretch look_at(std::span<const double> records, std::size_t from, std::size_t to) {
  Stretch out{from, from, std::numeric_limits<double>::quiet_NaN()};
  double sum = 0;
  int64_t finite = 0;
  for (std::size_t i = from; i < to; ++i) {
    if (!std::isfinite(records[i])) continue;
    if (finite == 0 || records[i] < records[out.lowest]) out.lowest = i;
    if (finite == 0 || records[i] > records[out.highest]) out.highest = i;
    sum += records[i];
    ++finite;
  }
  if (finite > 0) out.mean = sum / static_cast<double>(finite);
  return out;
}

}  // namespace

ThinnedCurve thin_out(std::span<const double> records, std::size_t stretches) {
  DUEL_CHECK(stretches > 0, "no stretches");
  ThinnedCurve out;
  const auto keep = [&](std::size_t i) {
    if (!out.at.empty() && out.at.back() >= i) return;
    out.at.push_back(static_cast<uint32_t>(i));
    out.values.push_back(records[i]);
  };
  if (records.empty()) return out;
  keep(0);
  stretches = std::min(stretches, records.size());
  for (std::size_t k = 0; k < stretches; ++k) {
    const Stretch stretch = look_at(records, records.size() * k / stretches, records.size() * (k + 1) / stretches);
    keep(std::min(stretch.lowest, stretch.highest));
    keep(std::max(stretch.lowest, stretch.highest));
    out.means.push_back(stretch.mean);
  }
  keep(records.size() - 1);
  return out;
}

std::vector<std::size_t> evenly(std::size_t total, std::size_t count) {
  count = std::min(total, count);
  if (count == 1) return {total - 1};
  std::vector<std::size_t> out(count);
  for (std::size_t i = 1; i < count; ++i) out[i] = (i * (total - 1) + (count - 1) / 2) / (count - 1);
  return out;
}

}  // namespace duel
