#include "tests/support/program/program_path.hpp"

namespace duel {

std::filesystem::path program_path() { return DUEL_PROGRAM; }

}  // namespace duel
