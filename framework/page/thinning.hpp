// Fewer records than a run has, without losing what one looks for in a curve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace duel {

struct ThinnedCurve {
  std::vector<uint32_t> at;    // indices of the records that are kept, rising
  std::vector<double> values;  // of these
  std::vector<double> means;   // of all finite records of each stretch; NaN where there are none
};

// Cuts the records into `stretches` (≥ 1) of equal length, but for one record, and keeps of each the lowest and the
// highest; further the first and the last record of all. A stretch without a finite value keeps its first.
ThinnedCurve thin_out(std::span<const double> records, std::size_t stretches);

// `count` of the numbers 0 … total − 1, evenly, the last and (from 2 on) the first among them; all if there are no
// more.
std::vector<std::size_t> evenly(std::size_t total, std::size_t count);

}  // namespace duel
