// Numbers of items, values and steps as places in vectors. Internal to plan/.
#pragma once

#include <cstddef>

namespace duel {

inline std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace duel
