#include "tools/floors.hpp"

#include <cstdlib>

namespace duel {

std::optional<FloorCache> floor_cache() {
  const auto place = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value != nullptr ? value : "";
  };
  std::filesystem::path cache = place("XDG_CACHE_HOME");
  if (!cache.is_absolute() && place("HOME").is_absolute()) cache = place("HOME") / ".cache";
  if (!cache.is_absolute()) return std::nullopt;
  return FloorCache(cache / "duel/floors");
}

}  // namespace duel
