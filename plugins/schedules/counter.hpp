// What a schedule counts, as its parameter `by`.
#pragma once

#include <string>
#include <string_view>

#include "registry/schedule.hpp"

namespace duel {

inline constexpr std::string_view counters[] = {"step", "epoch", "update"};
inline constexpr const char* counter_help =
    "what is counted: training steps, passes over the training data, or updates of the player";

// Epochs are fractional; whoever wants whole ones rounds down.
double count_of(const Clock& clock, const std::string& by);

}  // namespace duel
