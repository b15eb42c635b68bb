// Where the program is that tests start.
#pragma once

#include <filesystem>

namespace duel {

// The built `duel`, absolute.
std::filesystem::path program_path();

}  // namespace duel
