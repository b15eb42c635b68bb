#include <CLI/CLI.hpp>
#include <cstdio>

#include "tools/bench/report.hpp"
#include "tools/command.hpp"
#include "tools/startup.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

struct BenchOptions {
  std::string file;
  std::vector<std::string> overrides;
  SessionOptions session;
  int64_t steps = 200;
  bool json = false;
  bool profile = false;
};

int bench(const BenchOptions& options, const Registry& registry) {
  const Document document = document_of(options.file, options.overrides);
  const Measurement measurement =
      measure(checked_experiment(document, registry), options.session, options.steps, options.profile);
  if (measurement.data_warning) fmt::print(stderr, "warning: {}\n", *measurement.data_warning);
  if (const auto warning = slow_blas_warning()) fmt::print(stderr, "warning: {}\n", *warning);
  print_out(options.json ? report_json(measurement) : report_text(measurement));
  return 0;
}

}  // namespace

void add_bench_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "time the steps of an experiment; writes no files");
  command->add_option("experiment", options->file, "experiment file, or run folder")->required();
  command->add_option("overrides", options->overrides, "key.path=value, ~key.path");
  command->add_option("--threads", options->session.threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_option("--steps", options->steps, "steps to time, after some to warm up; 200 if not given")
      ->check(CLI::Range(1, 10'000'000));
  command->add_flag("--profile", options->profile, "time each kernel too, in further steps");
  command->add_flag("--json", options->json, "print one JSON object");
  command->callback([options, &line] { line.run = [options, &line] { return bench(*options, line.registry); }; });
}

}  // namespace duel
