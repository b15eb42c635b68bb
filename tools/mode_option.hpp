// What `--mode` asks for, of the commands that run trained networks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/layer.hpp"

namespace duel {

// What the option may be.
const std::vector<std::string>& mode_names();

// One of these names; nothing where the option is not given: "".
std::optional<Mode> read_mode_option(const std::string& text);

}  // namespace duel
