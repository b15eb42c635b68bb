// Where the commands that score keep the floors that they have computed.
#pragma once

#include <optional>

#include "evaluate/floor_cache.hpp"

namespace duel {

// By the rules of the XDG Base Directory Specification; nothing where the environment names no place.
std::optional<FloorCache> floor_cache();

}  // namespace duel
