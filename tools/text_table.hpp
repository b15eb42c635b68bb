// Tables of plain text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace duel {

// Columns aligned to the left, two spaces apart; every line ends, without spaces at its end. All lines have as many
// cells as the first.
std::string text_table(const std::vector<std::vector<std::string>>& lines);

// At most so many characters, the last of them … where something is left out. Line breaks become spaces.
std::string shortened(const std::string& text, std::size_t characters);

}  // namespace duel
