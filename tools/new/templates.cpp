#include "tools/new/templates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "spec/read.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

const std::string experiment_key = "experiment: ";

// Where the line of a key of the experiment itself begins; nothing when it has no such key.
std::optional<std::size_t> line_of(const std::string& text, const std::string& key) {
  if (text.starts_with(key)) return 0;
  const std::size_t found = text.find("\n" + key);
  if (found == std::string::npos) return std::nullopt;
  return found + 1;
}

// What others extend has no name of its own.
bool is_experiment(const GalleryFile& file) { return line_of(file.text, "name:").has_value(); }

const GalleryFile& file_at(const fs::path& path) {
  const auto has_path = [&](const GalleryFile& file) { return file.path == path.generic_string(); };
  const auto found = std::find_if(gallery_files().begin(), gallery_files().end(), has_path);
  DUEL_CHECK(found != gallery_files().end(), "{} is not built in", path.string());
  return *found;
}

std::string text_of(const fs::path& path) { return file_at(path).text; }

// Where the value of `experiment:` stands in a sweep's text: its first place and length.
std::pair<std::size_t, std::size_t> experiment_place(const GalleryFile& sweep) {
  const std::size_t start = line_of(sweep.text, experiment_key).value() + experiment_key.size();
  return {start, sweep.text.find('\n', start) - start};
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

std::string template_name(const GalleryFile& file) { return fs::path(file.path).replace_extension().string(); }

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const GalleryFile& file : gallery_files()) {
    const bool is_listed = is_sweep(file) || (is_experiment(file) && !file.path.ends_with(".full.yaml"));
    if (is_listed) names.push_back(template_name(file));
  }
  return names;
}

const GalleryFile& find_template(const std::string& wanted) {
  std::vector<const GalleryFile*> found;
  for (const GalleryFile& file : gallery_files()) {
    if (!is_experiment(file) && !is_sweep(file)) continue;
    const std::string name = template_name(file);
    if (name == wanted) return file;
    if (!is_sweep(file) && fs::path(name).filename() == wanted) found.push_back(&file);
  }
  if (found.size() == 1) return *found.front();
  for (const GalleryFile* file : found) {
    if (file->path.starts_with("digits/")) return *file;
  }
  const char* what = found.empty() ? "no experiment is" : "several experiments are";
  throw UserError(ExitCode::experiment, fmt::format("{} called '{}'", what, wanted),
                  fmt::format("one of: {}", fmt::join(template_names(), ", ")));
}

std::string text_from_template(const GalleryFile& file, const std::string& name) {
  const bool stands_alone = !line_of(file.text, "extends:").has_value();  // then its comments are kept
  std::string text = stands_alone ? file.text : joined(file);
  YamlNode named;
  named.kind = YamlNode::Kind::map;
  named.entries.push_back({"name", {}, YamlNode::scalar(name)});
  const std::size_t start = line_of(text, "name:").value();
  text = text.substr(0, start) + to_yaml(named) + text.substr(text.find('\n', start) + 1);
  // The gallery's data lies two folders above its files; that of a file of one's own, beside it.
  return replaced(text, "${env:DUEL_DATA,../../data}", "${env:DUEL_DATA,data}");
}

bool is_sweep(const GalleryFile& file) { return file.path.starts_with("sweeps/"); }

const GalleryFile& experiment_of(const GalleryFile& sweep) {
  const auto [start, size] = experiment_place(sweep);
  return file_at((fs::path(sweep.path).parent_path() / sweep.text.substr(start, size)).lexically_normal());
}

std::string sweep_from_template(const GalleryFile& sweep, const std::string& experiment) {
  const auto [start, size] = experiment_place(sweep);
  YamlNode written;
  written.kind = YamlNode::Kind::map;
  written.entries.push_back({"experiment", {}, YamlNode::scalar(experiment)});
  std::string line = to_yaml(written);
  while (line.ends_with('\n')) line.pop_back();
  return sweep.text.substr(0, start - experiment_key.size()) + line + sweep.text.substr(start + size);
}

bool trains(const std::string& text) { return line_of(text, "players:").has_value(); }

}  // namespace duel
