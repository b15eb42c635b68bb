// How `extends` lays one document over another.
#pragma once

#include <string>
#include <vector>

#include "yaml/document.hpp"

namespace duel {

// Lays `overlay` over `base`, in place: maps merge deeply, everything else replaces. `_delete_: true` in a map of the
// overlay clears the map beneath it; the marks themselves disappear from the result. A misused mark becomes a problem.
void merge(YamlNode& base, YamlNode overlay, Problems& problems);

// A path that two bases of one file set differently.
struct MergeConflict {
  std::vector<std::string> path;
  Position first;
  Position second;
};

// What merge(base, overlay) would decide silently: every path where both say something and not the same.
std::vector<MergeConflict> find_conflicts(const YamlNode& base, const YamlNode& overlay);

// Whether laying `overlay` on top settles what stands at `path`, whatever was there before.
bool decides(const YamlNode& overlay, const std::vector<std::string>& path);

}  // namespace duel
