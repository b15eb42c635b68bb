#include "evaluate/statistics.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>

#include "tools/command.hpp"
#include "tools/overwrite.hpp"
#include "tools/side_reader.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct StatisticsOptions {
  std::vector<std::string> sides;
  std::string output;
  SideReaderOptions reading;
  int threads = 0;
};

// A side that counts twice, or the result of the last time among the parts, gives a wrong result without a word.
void check_names(const StatisticsOptions& options) {
  check_statistics_name("--output", options.output);
  refuse_overwrite(options.output, OutputKind::statistics);
  std::error_code ignored;  // a data set that is written out is no path
  const auto place = [&](const std::string& name) {
    return fs::weakly_canonical(fs::absolute(name, ignored), ignored);
  };
  std::set<std::string> seen;
  for (const std::string& side : options.sides) {
    if (!seen.insert(side).second) {
      throw UserError(ExitCode::experiment, fmt::format("{}: is named twice", side), "name each side once");
    }
    if (place(side) != place(options.output)) continue;
    throw UserError(ExitCode::experiment, fmt::format("--output {}: is one of the sides, too", options.output),
                    "write to another file, or leave it out of the sides");
  }
}

int statistics(const StatisticsOptions& options, const Registry& registry) {
  check_names(options);
  ThreadPool pool(options.threads);
  std::optional<FeatureStatistics> all;
  std::vector<std::string> warnings;
  pool.run([&] {
    ScoreProgress progress(STDERR_FILENO);
    SideReader reader(options.reading, registry, pool, progress);
    for (const std::string& side : options.sides) {
      FeatureStatistics part = statistics_of(reader.read(side, "SIDE"));
      if (all) {
        join_statistics(*all, part);
      } else {
        all = std::move(part);
      }
    }
    reader.finish();
    write_statistics(options.output, *all);
    warnings = reader.warnings();
  });
  for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  const std::string of = all->count ? fmt::format("{} samples of ", *all->count) : "";
  print_out(fmt::format("written to {}: {}{} features\n", options.output, of, all->width()));
  return 0;
}

}  // namespace

void add_statistics_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<StatisticsOptions>();
  CLI::App* command =
      app.add_subcommand("statistics", "write the mean and covariance of features, of several sets joined");
  command
      ->add_option("sides", options->sides,
                   "what 'duel score' takes as a side: images, features, or files of statistics; several are joined")
      ->required();
  command->add_option("-o,--output", options->output, "file of statistics to write (.npz or .h5)")->required();
  add_side_reader_options(*command, options->reading);
  command->add_option("--threads", options->threads, "worker threads")->check(CLI::Range(1, 1024));
  command->callback([options, &line] { line.run = [options, &line] { return statistics(*options, line.registry); }; });
}

}  // namespace duel
