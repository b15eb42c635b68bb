// What a sweep's file may say, for `duel help` and for editors.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duel {

// The text of `duel help sweep` and of its parts (sweep.tpe), or nothing.
std::optional<std::string> sweep_help(std::string_view name);
// "sweep", "sweep.metric", …
std::vector<std::string> sweep_help_names();

// JSON Schema (draft-07) of sweep files.
nlohmann::json sweep_schema();

}  // namespace duel
