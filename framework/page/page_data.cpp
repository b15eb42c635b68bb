#include "page/page_data.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "page/columns.hpp"
#include "page/scores.hpp"
#include "page/thinning.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

using nlohmann::json;
constexpr std::size_t most_time_points = 1000;
constexpr std::size_t fewest_stretches = 16;
constexpr std::size_t most_stretches = 2000;
constexpr std::size_t numbers_a_stretch = 3;  // lowest, highest, mean

// File names need not be UTF-8.
std::string json_text(const json& data) { return data.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(now));
}

// What a page may spend on each curve so that all together hold no more than `most` numbers.
std::size_t stretches_of(std::span<const PageRun> runs, uint64_t most) {
  std::size_t curves = 0;
  for (const PageRun& run : runs) curves += run.entry.records.metrics.size();
  return std::clamp<std::size_t>(most / numbers_a_stretch / std::max<std::size_t>(curves, 1), fewest_stretches,
                                 most_stretches);
}

json metric_json(const std::string& name, std::span<const double> records, std::size_t stretches, Columns& columns) {
  if (records.size() <= stretches * numbers_a_stretch) {
    return {{"name", name}, {"at", nullptr}, {"values", columns.add_numbers(records)}, {"means", nullptr}};
  }
  const ThinnedCurve curve = thin_out(records, stretches);
  return {{"name", name},
          {"at", columns.add_indices(curve.at)},
          {"values", columns.add_numbers(curve.values)},
          {"means", columns.add_numbers(curve.means)}};
}

// Only where they begin to rise in another way: between these they lie on straight lines.
json steps_json(const std::vector<int64_t>& steps, Columns& columns) {
  std::vector<uint32_t> corners;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool straight = i > 0 && i + 1 < steps.size() && steps[i + 1] - steps[i] == steps[i] - steps[i - 1];
    if (!straight) corners.push_back(static_cast<uint32_t>(i));
  }
  std::vector<uint32_t> at;
  std::vector<int64_t> values;
  for (const std::size_t i : evenly(corners.size(), most_time_points)) {
    at.push_back(corners[i]);
    values.push_back(steps[corners[i]]);
  }
  return {{"at", columns.add_indices(at)}, {"steps", columns.add_steps(values)}};
}

json time_json(const std::vector<double>& seconds, Columns& columns) {
  std::vector<uint32_t> at;
  std::vector<double> values;
  for (const std::size_t i : evenly(seconds.size(), most_time_points)) {
    at.push_back(static_cast<uint32_t>(i));
    values.push_back(seconds[i]);
  }
  return {{"at", columns.add_indices(at)}, {"seconds", columns.add_numbers(values)}};
}

json provenance_json(const RunRecords& records) {
  json out = json::array();
  const auto add = [&](const std::string& key, const std::string& text) {
    if (!text.empty()) out.push_back({key, text});
  };
  for (const char* key : {"file", "overrides"}) {
    if (const auto found = records.experiment.find(key); found != records.experiment.end()) add(key, found->second);
  }
  for (const auto& [key, text] : records.provenance) {
    if (key != "kernels") add(key, text);  // the whole plan, which run.h5 keeps
  }
  if (const auto found = records.experiment.find("resolved"); found != records.experiment.end()) {
    add("experiment_sha256", sha256_hex(found->second));
  }
  return out;
}

json network_json(const DrawnNetwork& network) {
  json inputs = json::array(), layers = json::array();
  for (const auto& [name, shape] : network.inputs) inputs.push_back({{"name", name}, {"shape", shape}});
  for (const DrawnLayer& layer : network.layers) {
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"output", layer.output},
                      {"parameters", layer.parameters},
                      {"depth", layer.depth}});
  }
  return {{"name", network.name}, {"inputs", inputs}, {"layers", layers}, {"problem", network.problem}};
}

// What the pages' tables share: networks and protocols, each once.
struct PageTables {
  Columns columns;
  ProtocolTable protocols;
  std::vector<DrawnNetwork> networks;
  std::size_t stretches = 0;
  std::size_t longest = 0;  // records of the longest curve

  std::size_t place(const DrawnNetwork& network) {
    const auto found = std::ranges::find(networks, network);
    if (found == networks.end()) {
      networks.push_back(network);
      return networks.size() - 1;
    }
    return static_cast<std::size_t>(found - networks.begin());
  }
};

json run_json(const PageRun& run, const std::string& id, int64_t group, PageTables& tables) {
  const RunEntry& entry = run.entry;
  json metrics = json::array(), networks = json::array();
  for (const auto& [name, records] : entry.records.metrics) {
    metrics.push_back(metric_json(name, records, tables.stretches, tables.columns));
    tables.longest = std::max(tables.longest, records.size());
  }
  for (const DrawnNetwork& network : run.networks.networks) networks.push_back(tables.place(network));
  return {{"id", id},
          {"name", entry.name},
          {"folder", entry.folder.string()},
          {"state", to_string(entry.state)},
          {"problem", entry.problem},
          {"sweep", entry.trial ? json(entry.trial->sweep.string()) : json()},
          {"step", entry.step},
          {"total_steps", entry.total_steps ? json(*entry.total_steps) : json()},
          {"seconds", entry.seconds},
          {"message", entry.trial && !entry.trial->message.empty() ? entry.trial->message : entry.failure},
          {"group", group},
          {"steps_per_epoch", run.steps_per_epoch ? json(*run.steps_per_epoch) : json()},
          {"records", entry.records.steps.size()},
          {"steps", steps_json(entry.records.steps, tables.columns)},
          {"time", time_json(entry.records.seconds, tables.columns)},
          {"metrics", metrics},
          {"scores", page_scores(entry, tables.protocols)},
          {"pictures", json::array()},
          {"pictures_left_out", 0},
          {"networks", networks},
          {"networks_problem", run.networks.problem},
          {"provenance", provenance_json(entry.records)}};
}

// Differing parameters by run, shared ones once; runs that are damaged have none and count for nothing.
void add_parameters(std::span<const PageRun> runs, json& out) {
  std::vector<std::string> keys;
  std::map<std::string, std::vector<const std::string*>> values;
  std::size_t readable = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    readable += runs[i].entry.state != RunState::damaged;
    for (const RunParameter& parameter : runs[i].entry.parameters) {
      auto& row = values[parameter.key];
      if (row.empty()) keys.push_back(parameter.key);
      row.resize(runs.size(), nullptr);
      row[i] = &parameter.value;
    }
  }
  out["parameters"] = json::array();
  out["shared_parameters"] = json::array();
  std::vector<std::string> differing;
  for (const std::string& key : keys) {
    const auto& row = values[key];
    std::set<std::string> different;
    json texts = json::array();
    std::size_t present = 0;
    const std::string* first = nullptr;
    for (const std::string* value : row) {
      texts.push_back(value != nullptr ? json(*value) : json());
      if (value == nullptr) continue;
      different.insert(comparable_value(*value));
      if (first == nullptr) first = value;
      ++present;
    }
    if (different.size() == 1 && present == readable) {
      out["shared_parameters"].push_back({key, *first});
    } else {
      out["parameters"].push_back({{"key", key}, {"values", texts}});
      differing.push_back(key);
    }
  }
  for (json& parameter : out["parameters"]) {
    parameter["heading"] = shortest_end(parameter["key"].get<std::string>(), differing, {});
  }
}

std::string title_of(std::span<const PageRun> runs, std::span<const std::string> ids) {
  if (runs.empty()) return "no runs yet";
  if (runs.size() == 1) return ids.front();
  std::set<std::string> names;
  for (const PageRun& run : runs) {
    if (!run.entry.name.empty()) names.insert(run.entry.name);
  }
  return fmt::format("{} runs{}", runs.size(), names.size() == 1 ? " of " + *names.begin() : "");
}

json unlike_json(std::span<const PageRun> runs, std::span<const std::string> ids) {
  std::vector<const RunEntry*> entries;
  for (const PageRun& run : runs) entries.push_back(&run.entry);
  return page_unlike_scores(entries, ids);
}

std::vector<std::vector<PictureFile>> picture_series(const PageRun& run) {
  std::vector<std::vector<PictureFile>> out;
  for (const PictureFile& picture : run.pictures) {
    if (out.empty() || out.back().front().sample != picture.sample) out.emplace_back();
    out.back().push_back(picture);
  }
  return out;
}

void add_pictures(std::span<const PageRun> runs, uint64_t room, json& out) {
  std::vector<std::vector<PictureFile>> series;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (auto& pictures : picture_series(runs[i])) {
      series.push_back(std::move(pictures));
      owners.push_back(i);
    }
  }
  const auto chosen = choose_pictures(series, room);
  for (std::size_t i = 0; i < series.size(); ++i) {
    json& run = out["runs"][owners[i]];
    std::size_t shown = 0;
    for (const std::size_t k : chosen[i]) {
      const PictureFile& picture = series[i][k];
      const std::string source = picture_url(picture);
      if (source.empty()) continue;
      run["pictures"].push_back({{"sample", picture.sample}, {"step", picture.step}, {"source", source}});
      ++shown;
    }
    run["pictures_left_out"] = run["pictures_left_out"].get<std::size_t>() + series[i].size() - shown;
  }
}

}  // namespace

std::vector<std::string> run_ids(std::span<const PageRun> runs) {
  std::vector<std::vector<std::string>> parts;
  for (const PageRun& run : runs) {
    std::vector<std::string> names;
    for (const auto& part : std::filesystem::absolute(run.entry.folder).lexically_normal()) {
      if (!part.empty()) names.push_back(part.string());  // of a slash at the end
    }
    parts.push_back(std::move(names));
  }
  std::size_t shared = 0;
  const auto all_share = [&] {
    return std::ranges::all_of(
        parts, [&](const auto& names) { return names.size() > shared + 1 && names[shared] == parts.front()[shared]; });
  };
  while (!parts.empty() && all_share()) ++shared;
  std::vector<std::string> out;
  for (const auto& names : parts) {
    out.push_back(fmt::format("{}", fmt::join(names.begin() + static_cast<std::ptrdiff_t>(shared), names.end(), "/")));
  }
  return out;
}

std::vector<int64_t> seed_groups(std::span<const PageRun> runs) {
  std::map<std::map<std::string, std::string>, int64_t> known;
  std::vector<int64_t> out;
  int64_t next = 0;
  for (const PageRun& run : runs) {
    if (run.entry.state == RunState::damaged) {
      out.push_back(next++);
      continue;
    }
    std::map<std::string, std::string> parameters;
    for (const RunParameter& parameter : run.entry.parameters) {
      if (parameter.key != "seed") parameters[parameter.key] = comparable_value(parameter.value);
    }
    const auto [found, added] = known.emplace(std::move(parameters), next);
    next += added ? 1 : 0;
    out.push_back(found->second);
  }
  return out;
}

PageData page_data(std::span<const PageRun> runs, bool live, uint64_t other_bytes, const PageLimits& limits) {
  PageTables tables;
  tables.stretches = stretches_of(runs, limits.most_numbers);
  const auto ids = run_ids(runs);
  json out{{"format", 2},  {"title", title_of(runs, ids)}, {"version", version()}, {"made", now_text()},
           {"live", live}, {"runs", json::array()}};
  const auto groups = seed_groups(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) out["runs"].push_back(run_json(runs[i], ids[i], groups[i], tables));
  const std::size_t above = tables.stretches * numbers_a_stretch;
  out["thinned"] = tables.longest > above ? json{{"above", above}, {"stretches", tables.stretches}} : json();
  add_parameters(runs, out);
  out["protocols"] = tables.protocols.protocols();
  out["unlike"] = unlike_json(runs, ids);
  out["networks"] = json::array();
  for (const DrawnNetwork& network : tables.networks) out["networks"].push_back(network_json(network));

  const std::string columns = tables.columns.packed();
  const uint64_t taken = other_bytes + columns.size() + json_text(out).size();
  const uint64_t left = limits.most_bytes > taken ? limits.most_bytes - taken : 0;
  add_pictures(runs, std::min(left, limits.most_picture_bytes), out);
  const std::string text = json_text(out);
  return {text, json::parse(text)["title"], columns, live};
}

}  // namespace duel
