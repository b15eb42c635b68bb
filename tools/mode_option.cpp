#include "tools/mode_option.hpp"

namespace duel {

const std::vector<std::string>& mode_names() {
  static const std::vector<std::string> names{"inference", "train"};
  return names;
}

std::optional<Mode> read_mode_option(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text == "train" ? Mode::train : Mode::inference;
}

}  // namespace duel
