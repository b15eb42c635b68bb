#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <tuple>

#include "base/parallel.hpp"
#include "evaluate/evaluate.hpp"
#include "evaluate/floor_cache.hpp"
#include "tools/command.hpp"
#include "tools/score/progress.hpp"
#include "tools/score/side.hpp"
#include "yaml/override.hpp"

namespace duel {
namespace {

struct ScoreOptions {
  std::string real;
  std::string fake;
  std::vector<std::string> overrides;
  std::string metrics = "fid";
  std::string save_real;
  std::string range;
  int64_t seed = 0;
  int threads = 0;
  bool no_floor = false;
  bool json = false;
};

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

// A map of the metrics and the parameters that the overrides give them.
YamlNode written_metrics(const std::vector<std::string>& names, const ScoreOptions& options, Problems& problems) {
  YamlNode root;
  root.kind = YamlNode::Kind::map;
  const Position where{"--metrics", 0, 0};
  for (const std::string& name : names) {
    if (root.find(name) != nullptr) problems.add(where, {}, fmt::format("'{}' is named twice", name));
    root.entries.push_back({name, where, {}});
  }
  for (const std::string& text : options.overrides) {
    const std::string metric = text.substr(0, text.find_first_of(".="));
    if (std::ranges::find(names, metric) == names.end()) {
      problems.add({fmt::format("override '{}'", text), 0, 0}, {}, fmt::format("'{}' is not scored", metric),
                   "write METRIC.PARAMETER=VALUE, with a metric that --metrics names");
    } else {
      apply_override(root, text, problems);
    }
  }
  return root;
}

std::vector<NamedMetric> read_metrics(const ScoreOptions& options, const Registry& registry) {
  const std::vector<std::string> names = names_of(options.metrics);
  Problems problems;
  const YamlNode root = written_metrics(names, options, problems);
  ReadContext context{registry, problems, {}};
  std::vector<NamedMetric> metrics;
  for (const std::string& name : names) {
    const YamlNode::Entry& entry = *root.find_entry(name);
    metrics.push_back({name, registry.metrics.read(WrittenComponent{name, entry.where, entry.value}, context)});
  }
  problems.throw_if_any();
  return metrics;
}

void save_statistics(const std::string& file, const SideData& side) {
  write_statistics(file, side.statistics ? *side.statistics : statistics_of(*side.features));
}

// Where floors that were computed are kept, by the rules of the XDG Base Directory Specification; nothing where the
// environment names no place.
std::optional<FloorCache> floor_cache() {
  const auto place = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value != nullptr ? value : "";
  };
  std::filesystem::path cache = place("XDG_CACHE_HOME");
  if (!cache.is_absolute() && place("HOME").is_absolute()) cache = place("HOME") / ".cache";
  if (!cache.is_absolute()) return std::nullopt;
  return FloorCache(cache / "duel/floors");
}

// The features of images: their pixels.
void add_features(SideData& side) {
  if (side.images) side.features = side.images;
}

struct Sides {
  SideData real, fake;
  std::vector<std::string> warnings;
};

Sides read_sides(const ScoreOptions& options, const Registry& registry, ScoreProgress& progress) {
  std::optional<PixelRange> range;
  if (!options.range.empty()) range = parse_pixel_range(options.range);
  Sides sides;
  bool range_applies = false;
  for (auto& [data, name, role] :
       {std::tuple{&sides.real, options.real, "REAL"}, {&sides.fake, options.fake, "FAKE"}}) {
    progress.reading(name);
    NamedSide side = read_side(name, {registry, role, range});
    range_applies = range_applies || side.range_applies;
    sides.warnings.insert(sides.warnings.end(), side.warnings.begin(), side.warnings.end());
    add_features(side.data);
    *data = std::move(side.data);
  }
  if (range && !range_applies) {
    throw UserError(ExitCode::experiment, "--range: neither side is an array of images with values of its own range",
                    "leave it out; bytes and files of images are 0 to 255");
  }
  return sides;
}

std::vector<EvaluationRecord> evaluate_sides(const Sides& sides, const std::vector<NamedMetric>& metrics,
                                             const ScoreOptions& options, ScoreProgress& progress) {
  const std::optional<FloorCache> cache = floor_cache();
  EvaluationOptions how;
  how.seed = static_cast<uint64_t>(options.seed);
  how.floors = !options.no_floor;
  how.cache = cache ? &*cache : nullptr;
  const std::size_t stages = metrics.size() * (how.floors ? 2 : 1);
  how.begins = [&](std::size_t metric, bool floor) {
    progress.scoring(fmt::format("{}{} (metric {} of {})", floor ? "floor of " : "", metrics[metric].name, metric + 1,
                                 metrics.size()),
                     metric + (floor ? metrics.size() : 0), stages);
  };
  return evaluate(sides.real, sides.fake, metrics, how);
}

int score(const ScoreOptions& options, const Registry& registry) {
  const std::vector<NamedMetric> metrics = read_metrics(options, registry);
  if (!options.save_real.empty() && !is_statistics_name(options.save_real)) {
    throw UserError(ExitCode::experiment,
                    fmt::format("--save-real {}: not the name of a file of statistics", options.save_real),
                    "give FILE.npz or FILE.h5");
  }
  ThreadPool pool(options.threads);
  std::vector<EvaluationRecord> records;
  std::vector<std::string> warnings;
  pool.run([&] {
    ScoreProgress progress(STDERR_FILENO);
    const Sides sides = read_sides(options, registry, progress);
    records = evaluate_sides(sides, metrics, options, progress);
    if (!options.save_real.empty()) save_statistics(options.save_real, sides.real);
    warnings = sides.warnings;
  });
  for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  print_out(options.json ? records_json_text(records) : records_table(records));
  return 0;
}

}  // namespace

void add_score_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = app.add_subcommand("score", "compare two sets of images or features by metrics");
  command
      ->add_option("real", options->real,
                   "folder or archive of images, FILE.npy, FILE.h5:/DATASET, statistics (FILE.npz, FILE.h5), or a data "
                   "set as experiments write it: 'images: {path: photos, size: 64}'")
      ->required();
  command->add_option("fake", options->fake, "likewise")->required();
  command->add_option("overrides", options->overrides, "parameters of metrics: prdc.k=2 kid.subsets=10");
  command
      ->add_option("--metrics", options->metrics,
                   fmt::format("which, with commas between: {}", fmt::join(line.registry.metrics.kinds(), ",")))
      ->capture_default_str();
  command->add_option("--range", options->range,
                      "LOW,HIGH: values of black and white in arrays of images other than bytes; 0,255 if not given");
  command->add_flag("--no-floor", options->no_floor, "leave out what the metrics give for two sets of reals");
  command->add_option("--seed", options->seed, "seed of what metrics draw")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_option("--save-real", options->save_real, "file of statistics of REAL to write (.npz or .h5)");
  command->add_option("--threads", options->threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->json, "print a JSON list of records");
  command->callback([options, &line] { line.run = [options, &line] { return score(*options, line.registry); }; });
}

}  // namespace duel
