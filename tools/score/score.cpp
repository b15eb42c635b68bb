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
#include "tools/features_option.hpp"
#include "tools/floors.hpp"
#include "tools/score/progress.hpp"
#include "tools/score/side.hpp"
#include "train/asked_metrics.hpp"
#include "train/feature_extractor.hpp"

namespace duel {
namespace {

struct ScoreOptions {
  std::string real;
  std::string fake;
  std::vector<std::string> overrides;
  std::string metrics = "fid";
  std::string save_real;
  std::string range;
  std::string features = "pixels";
  int64_t seed = 0;
  int threads = 0;
  bool no_floor = false;
  bool json = false;
};

void save_statistics(const std::string& file, const SideData& side) {
  write_statistics(file, side.statistics ? *side.statistics : statistics_of(*side.features));
}

// The features of images: what the network makes of them, or without one their pixels.
void add_features(SideData& side, FeatureExtractor* extractor) {
  if (!side.images) {
    if (extractor == nullptr || !side.features) return;  // statistics are of features already
    throw UserError(ExitCode::experiment,
                    fmt::format("{}: --features makes features of images, and these are none", side.features->place()),
                    "leave --features out");
  }
  side.features = extractor != nullptr ? extractor->features_of(*side.images) : *side.images;
}

struct Sides {
  SideData real, fake;
  std::vector<std::string> warnings;
};

Sides read_sides(const ScoreOptions& options, const Registry& registry, FeatureExtractor* extractor,
                 ScoreProgress& progress) {
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
    add_features(side.data, extractor);
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
  std::vector<NamedMetric> metrics;
  for (const MetricSpec& metric : read_asked_metrics(options.metrics, options.overrides, {}, registry)) {
    metrics.push_back({metric.kind, metric.metric, metric.parameters});
  }
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
    std::unique_ptr<FeatureExtractor> extractor;
    const FeatureSpec features = read_features_option(options.features);
    if (features.kind == FeatureSpec::Kind::network) extractor = FeatureExtractor::open(features, registry, pool);
    const Sides sides = read_sides(options, registry, extractor.get(), progress);
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
  command
      ->add_option(
          "--features", options->features,
          "RUN[:[NETWORK/]LAYER]: the network of a run folder or experiment file that makes features of images; or "
          "pixels")
      ->capture_default_str();
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
