// Completion of a command line: the logic behind the scripts of all shells.
#pragma once

#include <string>
#include <vector>

#include "registry/registry.hpp"

namespace CLI {
class App;
}

namespace duel {

// What the last of `words` (after the program's name; it may be empty) may become, by the commands and options of
// `app`.
std::vector<std::string> complete(const CLI::App& app, const Registry& registry, const std::vector<std::string>& words);

}  // namespace duel
