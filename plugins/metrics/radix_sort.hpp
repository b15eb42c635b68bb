// Sorting of very many numbers.
#pragma once

#include <span>
#include <vector>

namespace duel {

// Puts finite numbers into rising order; 0 and −0 count as equal. Of a million that are spread out it takes a tenth of
// the time of std::sort, and never much more. `scratch` is room that may be used again for the next ones.
void radix_sort(std::span<double> values, std::vector<double>& scratch);

}  // namespace duel
