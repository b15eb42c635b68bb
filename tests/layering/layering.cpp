#include "layering.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace duel::layering {
namespace {

namespace fs = std::filesystem;

// Kinds of plugins that may use a room below `registry`.
const std::map<std::string, std::string> extra_rooms = {
    {"datasets", "data"}, {"transforms", "data"}, {"samplers", "data"}, {"metrics", "evaluate"}};

// Slow to compile: only sources may include them.
constexpr std::array heavy_headers = {"yaml-cpp/", "xtensor", "hdf5",    "H5",
                                      "CLI/",      "tbb/",    "oneapi/", "nlohmann/json.hpp"};

struct Room {
  std::string folder;           // framework/yaml
  std::set<std::string> names;  // the rooms that its CMakeLists.txt names
};

std::string read(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string cmake_without_comments(const fs::path& file) {
  return std::regex_replace(read(file), std::regex("#[^\n]*"), "");
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

class Checker {
 public:
  explicit Checker(const fs::path& root) : root_(root) {}

  Report run() {
    find_rooms();
    for (const auto& [name, room] : rooms_) check_links(name, room);
    for (const auto& [name, room] : rooms_) {
      for (const fs::path& entry : sources_of(name)) check_file(name, entry);
    }
    return std::move(report_);
  }

 private:
  void find_rooms() {
    const std::string list = cmake_without_comments(root_ / "framework/CMakeLists.txt");
    std::smatch order;
    if (!std::regex_search(list, order, std::regex(R"(foreach\s*\(\s*room\s+([^)]*)\))"))) {
      throw std::runtime_error("framework/CMakeLists.txt has no foreach(room …)");
    }
    order_ = matches(order[1], std::regex(R"((\w+))"));
    for (const fs::path& folder : sorted_entries(root_ / "framework")) add_room("framework", folder);
    for (const fs::path& folder : sorted_entries(root_ / "plugins")) add_room("plugins", folder);
    if (fs::exists(root_ / "plugins")) add_room("", root_ / "plugins");
    for (auto& [name, room] : rooms_) {
      const std::string text = cmake_without_comments(root_ / room.folder / "CMakeLists.txt");
      for (const std::string& used : matches(text, std::regex(R"(\bduel_(\w+))"))) {
        if (used != name && rooms_.contains(used)) room.names.insert(used);
      }
    }
  }

  void add_room(const std::string& parent, const fs::path& folder) {
    if (!fs::exists(folder / "CMakeLists.txt")) return;
    const std::string name = folder.filename();
    const std::string place = parent.empty() ? name : parent + "/" + name;
    if (!rooms_.emplace(name, Room{place, {}}).second) violation(place, 0, "two rooms are named '{}'", name);
    if (parent == "framework" && !position(name)) {
      violation("framework/CMakeLists.txt", 0, "room '{}' has no place in the order of rooms", name);
    }
  }

  // CMake must not allow what the order of rooms forbids.
  void check_links(const std::string& name, const Room& room) {
    for (const std::string& used : room.names) {
      if (!may_link(name, room, used))
        violation(room.folder + "/CMakeLists.txt", 0, "'{}' may not use '{}'", name, used);
    }
  }

  bool may_link(const std::string& name, const Room& room, const std::string& used) const {
    if (name == "plugins") return true;  // the folder that gathers all kinds
    const auto used_position = position(used);
    if (!used_position) return false;  // a kind of plugins
    if (is_framework(room)) return *used_position < position(name).value_or(0);
    const auto extra = extra_rooms.find(name);
    return *used_position <= position("registry").value_or(0) || (extra != extra_rooms.end() && extra->second == used);
  }

  // The room's own files; those of plugins/layers are not files of plugins/.
  std::vector<fs::path> sources_of(const std::string& name) const {
    std::vector<fs::path> files;
    const fs::path folder = root_ / rooms_.at(name).folder;
    if (name == "plugins") {
      for (const fs::path& entry : sorted_entries(folder)) {
        if (is_source(entry)) files.push_back(entry);
      }
      return files;
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (is_source(entry.path())) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static bool is_source(const fs::path& path) {
    static const std::set<std::string> extensions = {".hpp", ".h", ".cpp", ".cc", ".inc", ".cu", ".cuh"};
    return extensions.contains(path.extension());
  }

  void check_file(const std::string& name, const fs::path& path) {
    static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
    const std::string file = fs::relative(path, root_);
    ++report_.files;
    std::istringstream text(read(path));
    std::string line;
    for (int number = 1; std::getline(text, line); ++number) {
      std::smatch match;
      if (std::regex_match(line, match, include)) check_include(name, file, number, match[2], match[1] == "\"");
    }
  }

  void check_include(const std::string& name, const std::string& file, int line, const std::string& target,
                     bool quoted) {
    const std::string used = room_of(target);
    if (!used.empty()) {
      ++report_.includes;
      const std::set<std::string> allowed = reachable(name);
      if (!allowed.contains(used)) {
        violation(file, line, "includes \"{}\", but '{}' may use only: {}", target, name, fmt::join(allowed, ", "));
      }
    } else if (quoted) {
      violation(file, line,
                "\"{}\" is not in a room; write the path from the room (\"base/error.hpp\") or from the "
                "root (\"plugins/layers/dense.hpp\"), and libraries in angle brackets",
                target);
    } else if (fs::path(file).extension() != ".cpp") {
      check_heavy(file, line, target);
    }
  }

  void check_heavy(const std::string& file, int line, const std::string& target) {
    for (const char* heavy : heavy_headers) {
      if (target.starts_with(heavy)) violation(file, line, "<{}> is slow to compile; include it in a source", target);
    }
  }

  // The room that an include path names: yaml/… or plugins/layers/… or plugins/…; empty when it names none.
  std::string room_of(const std::string& target) const {
    std::vector<std::string> parts;
    for (const fs::path& part : fs::path(target)) parts.push_back(part);
    if (parts.size() < 2 || std::find(parts.begin(), parts.end(), "..") != parts.end()) return {};
    // From the root, every room can be named by its whole path.
    if (parts[0] == "plugins" && parts.size() == 2) return rooms_.contains("plugins") ? "plugins" : "";
    const bool from_root = parts[0] == "plugins" || parts[0] == "framework";
    const auto room = rooms_.find(from_root ? parts[1] : parts[0]);
    if (room == rooms_.end()) return {};
    const bool is_named = from_root ? room->second.folder == parts[0] + "/" + parts[1] : is_framework(room->second);
    return is_named ? room->first : "";
  }

  // The room itself, what it names, what those name, and so on.
  std::set<std::string> reachable(const std::string& name) const {
    std::set<std::string> found;
    std::vector<std::string> open = {name};
    while (!open.empty()) {
      const std::string room = open.back();
      open.pop_back();
      if (!found.insert(room).second) continue;
      const auto& names = rooms_.at(room).names;
      open.insert(open.end(), names.begin(), names.end());
    }
    return found;
  }

  std::optional<std::size_t> position(const std::string& room) const {
    const auto place = std::find(order_.begin(), order_.end(), room);
    if (place == order_.end()) return std::nullopt;
    return static_cast<std::size_t>(place - order_.begin());
  }

  static bool is_framework(const Room& room) { return room.folder.starts_with("framework/"); }

  template <class... Arguments>
  void violation(const std::string& file, int line, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const std::string place = line > 0 ? fmt::format("{}:{}", file, line) : file;
    report_.violations.push_back(place + ": " + fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  fs::path root_;
  std::vector<std::string> order_;
  std::map<std::string, Room> rooms_;
  Report report_;
};

}  // namespace

Report check(const fs::path& root) { return Checker(root).run(); }

}  // namespace duel::layering
