// Checks who includes whom in a source tree. The rules are read from the tree itself:
//   framework/CMakeLists.txt   foreach(room base yaml …): the order of the rooms; a room uses only rooms above it
//   */CMakeLists.txt           duel_room(name uses…): the rooms that a room uses; it may include those, what those
//                              use, and itself, and nothing else of the project
// Beyond what CMake says: a kind of plugins (plugins/layers, …) may use framework rooms up to `registry`, and `data` or
// `evaluate` too if it is one of the kinds that feed or measure a training; it never uses another kind. Headers do not
// pull in libraries that are slow to compile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace duel::layering {

struct Report {
  std::vector<std::string> violations;  // "framework/yaml/document.hpp:3: …", room by room
  std::size_t files = 0;                // sources and headers read
  std::size_t includes = 0;             // project includes judged
};

// `root` holds framework/ and, if there are any, plugins/. A file that cannot be read throws std::runtime_error.
Report check(const std::filesystem::path& root);

}  // namespace duel::layering
