// A record of a score in a place of fixed size. Internal to store/.
#pragma once

#include <cstddef>
#include <string>

namespace duel {

// The record, a JSON object, in at most `longest` bytes, still a JSON object. One that is longer loses warnings, the
// last ones first, and has a warning in their place that says how many; then all but `metric`, `value`, `uncertainty`,
// `floor`, `floor_n`, `n_real` and `n_fake` (of numbers and short texts, for which 512 bytes do), and says that. One
// that fits is returned as it is.
std::string bounded_record(const std::string& record, std::size_t longest);

}  // namespace duel
