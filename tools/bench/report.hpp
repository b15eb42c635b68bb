// A measurement as text for people and as JSON for programs (docs/performance.md has the keys).
#pragma once

#include <string>

#include "tools/bench/measurement.hpp"

namespace duel {

std::string report_text(const Measurement& measurement);
std::string report_json(const Measurement& measurement);

}  // namespace duel
