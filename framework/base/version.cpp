#include "base/version.hpp"

#include <fmt/format.h>

namespace duel {

std::string version() { return DUEL_VERSION; }

std::string build_description() {
  return fmt::format("g++ {}, {}, -march={}", __VERSION__, DUEL_BUILD_TYPE, DUEL_MARCH);
}

}  // namespace duel
