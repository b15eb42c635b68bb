#include "tools/completion/candidates.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"
#include "runs/run_entry.hpp"
#include "store/run_file.hpp"
#include "yaml/compose.hpp"
#include "yaml/leaves.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Entries of the folder that `start` is in, as one would write them on.
struct NearbyEntry {
  std::string text;
  bool folder = false;
};

std::vector<NearbyEntry> nearby_entries(const std::string& start) {
  const std::string written = start.substr(0, start.rfind('/') + 1), begun = start.substr(written.size());
  std::vector<NearbyEntry> entries;
  std::error_code error;
  const fs::path folder = written.empty() ? "." : written;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(begun) || (name.front() == '.' && begun.empty())) continue;
    std::error_code ignored;
    entries.push_back({written + name, entry->is_directory(ignored)});
  }
  std::ranges::sort(entries, {}, &NearbyEntry::text);
  return entries;
}

std::vector<YamlLeaf> leaves_of_experiment(const std::string& experiment) {
  std::error_code ignored;
  if (!fs::is_directory(experiment, ignored)) return leaves_of(load_document(experiment).root);
  const auto texts = read_run(fs::path(experiment) / "run.h5").experiment;
  const auto resolved = texts.find("resolved");
  return resolved == texts.end() ? std::vector<YamlLeaf>() : leaves_of(parse_yaml(resolved->second, experiment));
}

}  // namespace

std::vector<std::string> beginning_with(const std::string& start, const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const std::string& word : words) {
    if (word.starts_with(start) && std::ranges::find(found, word) == found.end()) found.push_back(word);
  }
  return found;
}

std::vector<std::string> complete_files(const std::string& start, const std::vector<std::string>& suffixes) {
  std::vector<std::string> found;
  for (const NearbyEntry& entry : nearby_entries(start)) {
    const auto fits = [&](const std::string& suffix) { return entry.text.ends_with(suffix); };
    if (entry.folder) {
      found.push_back(entry.text + "/");
    } else if (std::ranges::any_of(suffixes, fits)) {
      found.push_back(entry.text);
    }
  }
  return found;
}

std::vector<std::string> complete_runs(const std::string& start) {
  std::vector<std::string> found;
  for (const NearbyEntry& entry : nearby_entries(start)) {
    std::error_code ignored;
    if (!entry.folder) continue;
    const bool run = fs::is_regular_file(fs::path(entry.text) / "run.h5", ignored);
    found.push_back(run ? entry.text : entry.text + "/");
  }
  return found;
}

std::vector<std::string> complete_overrides(const std::string& start, const std::string& experiment) {
  const bool deletes = start.starts_with('~');
  const std::string begun = start.substr(deletes ? 1 : 0), mark = deletes ? "~" : "";
  std::vector<std::string> found;
  try {
    for (const YamlLeaf& leaf : leaves_of_experiment(experiment)) {
      if (!leaf.key.starts_with(begun)) continue;
      const std::size_t dot = leaf.key.find('.', begun.size());
      const std::string end = deletes ? "" : "=";
      found.push_back(mark + (dot == std::string::npos ? leaf.key + end : leaf.key.substr(0, dot + 1)));
    }
  } catch (const UserError&) {
    return {};  // an experiment that cannot be read has no keys; the command itself will say why
  }
  return beginning_with(start, found);
}

std::vector<std::string> complete_metric_parameters(const std::string& start, const Registry& registry) {
  std::vector<std::string> names;
  for (const std::string& metric : registry.metrics.kinds()) {
    for (const ParameterInfo& parameter : registry.metrics.find(metric)->parameters) {
      names.push_back(fmt::format("{}.{}=", metric, parameter.name));
    }
  }
  return beginning_with(start, names);
}

std::vector<std::string> complete_list(const std::string& start, const std::vector<std::string>& names) {
  const std::string before = start.substr(0, start.rfind(',') + 1);
  std::vector<std::string> found;
  for (const std::string& name : beginning_with(start.substr(before.size()), names)) found.push_back(before + name);
  return found;
}

}  // namespace duel
