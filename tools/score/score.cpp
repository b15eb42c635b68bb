#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <limits>

#include "base/parallel.hpp"
#include "evaluate/evaluate.hpp"
#include "evaluate/floor_cache.hpp"
#include "tools/command.hpp"
#include "tools/floors.hpp"
#include "tools/overwrite.hpp"
#include "tools/score/progress.hpp"
#include "tools/side_reader.hpp"
#include "train/asked_metrics.hpp"

namespace duel {
namespace {

struct ScoreOptions {
  std::string real;
  std::string fake;
  std::vector<std::string> overrides;
  std::string metrics = "fid";
  std::string save_real;
  SideReaderOptions reading;
  int64_t seed = 0;
  int threads = 0;
  bool no_floor = false;
  bool json = false;
  std::vector<std::string> of_scores;  // options that were given and say something of scores
};

struct Sides {
  SideData real, fake;
};

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

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
}

void check_options(const ScoreOptions& options) {
  if (!options.save_real.empty()) {
    check_statistics_name("--save-real", options.save_real);
    refuse_overwrite(options.save_real, OutputKind::statistics);
  }
  if (!options.fake.empty()) return;
  if (options.save_real.empty()) {
    throw UserError(ExitCode::experiment, "FAKE is required",
                    "give both sides: duel score REAL FAKE; --save-real FILE needs REAL alone");
  }
  if (options.of_scores.empty()) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("{}: without FAKE nothing is scored", fmt::join(options.of_scores, ", ")),
                  "give FAKE, or leave this out");
}

int save_real(const ScoreOptions& options, const Registry& registry) {
  ThreadPool pool(options.threads);
  std::vector<std::string> warnings;
  pool.run([&] {
    ScoreProgress progress(STDERR_FILENO);
    SideReader reader(options.reading, registry, pool, progress);
    const SideData real = reader.read(options.real, "REAL");
    reader.finish();
    write_statistics(options.save_real, statistics_of(real));
    warnings = reader.warnings();
  });
  print_warnings(warnings);
  print_out(fmt::format("written to {}\n", options.save_real));
  return 0;
}

int score(const ScoreOptions& options, const Registry& registry) {
  check_options(options);
  if (options.fake.empty()) return save_real(options, registry);
  std::vector<NamedMetric> metrics;
  for (const MetricSpec& metric : read_asked_metrics(options.metrics, options.overrides, {}, registry)) {
    metrics.push_back({metric.kind, metric.metric, metric.parameters});
  }
  ThreadPool pool(options.threads);
  std::vector<EvaluationRecord> records;
  std::vector<std::string> warnings;
  pool.run([&] {
    ScoreProgress progress(STDERR_FILENO);
    SideReader reader(options.reading, registry, pool, progress);
    const Sides sides{reader.read(options.real, "REAL"), reader.read(options.fake, "FAKE")};
    reader.finish();
    records = evaluate_sides(sides, metrics, options, progress);
    if (!options.save_real.empty()) write_statistics(options.save_real, statistics_of(sides.real));
    warnings = reader.warnings();
  });
  print_warnings(warnings);
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
  command->add_option("fake", options->fake, "likewise; --save-real does without");
  command->add_option("overrides", options->overrides, "parameters of metrics: prdc.k=2 kid.subsets=10");
  command
      ->add_option("--metrics", options->metrics,
                   fmt::format("which, with commas between: {}", fmt::join(line.registry.metrics.kinds(), ",")))
      ->capture_default_str();
  add_side_reader_options(*command, options->reading);
  command->add_flag("--no-floor", options->no_floor, "leave out what the metrics give for two sets of reals");
  command->add_option("--seed", options->seed, "seed of what metrics draw")
      ->check(CLI::Range(int64_t{0}, std::numeric_limits<int64_t>::max()))
      ->capture_default_str();
  command->add_option("--save-real", options->save_real, "file of statistics of REAL to write (.npz or .h5)");
  command->add_option("--threads", options->threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->json, "print a JSON list of records");
  command->callback([options, command, &line] {
    for (const char* option : {"--metrics", "--no-floor", "--seed", "--json"}) {
      if (command->count(option) > 0) options->of_scores.emplace_back(option);
    }
    line.run = [options, &line] { return score(*options, line.registry); };
  });
}

}  // namespace duel
