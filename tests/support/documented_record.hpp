// The record that docs/evaluation.md shows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace duel {

inline nlohmann::json documented_record() {
  const std::string page = read_text(std::string(DUEL_SOURCE_DIR) + "/docs/evaluation.md"), fence = "```json\n";
  const std::size_t begin = page.find(fence) + fence.size();
  return nlohmann::json::parse(page.substr(begin, page.find("```", begin) - begin));
}

inline std::vector<std::string> keys_of(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace duel
