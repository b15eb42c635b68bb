#include "tools/new/templates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "spec/read.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::string name_of(const GalleryFile& file) { return fs::path(file.path).replace_extension().string(); }

// What others extend has no name of its own.
bool is_experiment(const GalleryFile& file) {
  return file.text.starts_with("name:") || file.text.find("\nname:") != std::string::npos;
}

const GalleryFile& find_template(const std::string& wanted) {
  std::vector<const GalleryFile*> found;
  std::vector<std::string> names;
  for (const GalleryFile& file : gallery_files()) {
    if (!is_experiment(file)) continue;
    const std::string name = name_of(file);
    names.push_back(name);
    if (name == wanted) return file;
    if (fs::path(name).filename() == wanted) found.push_back(&file);
  }
  if (found.size() == 1) return *found.front();
  for (const GalleryFile* file : found) {
    if (file->path.starts_with("digits/")) return *file;
  }
  const char* what = found.empty() ? "no experiment is" : "several experiments are";
  throw UserError(ExitCode::experiment, fmt::format("{} called '{}'", what, wanted),
                  fmt::format("one of: {}", fmt::join(names, ", ")));
}

std::string text_of(const fs::path& path) {
  const auto has_path = [&](const GalleryFile& file) { return file.path == path.generic_string(); };
  const auto found = std::find_if(gallery_files().begin(), gallery_files().end(), has_path);
  DUEL_CHECK(found != gallery_files().end(), "{} is not built in", path.string());
  return found->text;
}

// One file with the keys in the usual order.
std::string joined(const GalleryFile& file) {
  YamlNode root = without_extends(file.path, text_of);
  const std::vector<std::string> order = experiment_keys();
  const auto place = [&](const YamlNode::Entry& entry) { return std::find(order.begin(), order.end(), entry.key); };
  std::stable_sort(root.entries.begin(), root.entries.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return to_yaml(root);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

std::string text_from_template(const std::string& from, const std::string& name) {
  const GalleryFile& file = find_template(from);
  const bool stands_alone = file.text.find("extends:") == std::string::npos;  // then its comments are kept
  std::string text = stands_alone ? file.text : joined(file);
  const std::size_t start = text.starts_with("name:") ? 0 : text.find("\nname:") + 1;
  text = text.substr(0, start) + "name: " + name + text.substr(text.find('\n', start));
  // The gallery's data lies two folders above its files; that of a file of one's own, beside it.
  return replaced(text, "${env:DUEL_DATA,../../data}", "${env:DUEL_DATA,data}");
}

}  // namespace duel
