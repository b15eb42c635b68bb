#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "evaluate/record.hpp"
#include "tools/command.hpp"
#include "tools/features_option.hpp"
#include "tools/floors.hpp"
#include "tools/mode_option.hpp"
#include "tools/step_option.hpp"
#include "train/evaluate_run.hpp"

namespace duel {
namespace {

struct EvaluateOptions {
  std::string run;
  std::string features;
  std::string mode;
  std::vector<std::string> steps;
  EvaluationRequest request;
  bool json = false;
  bool no_save = false;
};

class Reporter final : public EvaluationListener {
 public:
  explicit Reporter(bool json) : json_(json) {}

  void evaluating(int64_t step, int64_t done, int64_t total) override {
    if (isatty(STDERR_FILENO) != 1) return;
    if (done <= counted_) began_ = std::chrono::steady_clock::now();  // the first batch of an evaluation
    counted_ = done;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    const double left = passed.count() * static_cast<double>(total - done) / static_cast<double>(done);
    fmt::print(stderr, "\r\033[Kstep {}: {} of {} examples, about {} left", step, done, total, format_duration(left));
    if (done == total) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
  }
  void evaluated(const EvaluatedRun& done) override {
    if (json_) {
      for (const EvaluationRecord& record : done.records) {
        nlohmann::json item = record_json(record);
        item["step"] = done.step;
        item["evaluation"] = done.name;
        records_.push_back(std::move(item));
      }
      return;
    }
    print_out(fmt::format("{}, step {}\n{}", done.name, done.step, records_table(done.records)));
    if (!done.file.empty()) print_out(fmt::format("written to {}\n", done.file.string()));
  }
  void warned(const std::string& text) override { std::fprintf(stderr, "warning: %s\n", text.c_str()); }

  void finish() const {
    if (json_) print_out(records_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

 private:
  bool json_;
  nlohmann::json records_ = nlohmann::json::array();
  int64_t counted_ = 0;  // examples, when last shown
  std::chrono::steady_clock::time_point began_;
};

int evaluate_command(EvaluateOptions options, const Registry& registry) {
  EvaluationRequest& request = options.request;
  if (!options.features.empty()) request.features = read_features_option(options.features);
  request.mode = read_mode_option(options.mode);
  for (const std::string& step : options.steps) request.steps.push_back(read_step_option(step, options.run));
  request.save = !options.no_save;
  const auto floors = floor_cache();
  Reporter reporter(options.json);
  evaluate_run(options.run, registry, request, floors ? &*floors : nullptr, reporter);
  reporter.finish();
  return 0;
}

}  // namespace

void add_evaluate_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", "score a trained run");
  EvaluationRequest& request = options->request;
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("overrides", request.overrides, "parameters of metrics: prdc.k=2 kid.subsets=10");
  command->add_option("--metrics", request.metrics,
                      "which, with commas between: fid,kid,prdc; the run's own if not given");
  command->add_option("--name", request.name, "which of the experiment's evaluations; all if not given");
  command->add_option("--features", options->features,
                      "values, pixels, or RUN[:[NETWORK/]LAYER]: a run or experiment file");
  command->add_option("--real", request.real, "an expression instead: data.test.image");
  command->add_option("--fake", request.fake, "an expression instead: generator.average(z)");
  command->add_option("--real-labels", request.real_labels,
                      "an expression of their classes, for metrics that need them: data.test.label");
  command->add_option("--fake-labels", request.fake_labels, "likewise of the generated: label");
  command->add_option("-n,--count", request.count, "examples of each side")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 24));
  CLI::Option* steps =
      command->add_option("--step", options->steps, "steps of checkpoints, or best; the newest if not given");
  command->add_flag("--every-checkpoint", request.every_checkpoint, "each checkpoint that the run has kept")
      ->excludes(steps);
  CLI::Option* mode = command->add_option("--mode", options->mode, "mode of the networks");
  mode->check(CLI::IsMember(mode_names()));
  command
      ->add_option("--standing-statistics", options->request.standing_statistics,
                   "passes of fresh noise that measure batch normalisation's statistics anew")
      ->check(CLI::Range(0, 100000))
      ->excludes(mode);
  command->add_option("--seed", request.seed, "seed of what metrics draw")
      ->check(CLI::Range(uint64_t{0}, std::numeric_limits<uint64_t>::max() >> 1));
  command->add_option("--threads", request.threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->json, "print a JSON list of records");
  command->add_flag("--no-save", options->no_save, "do not write into the run's folder");
  command->callback(
      [options, &line] { line.run = [options, &line] { return evaluate_command(*options, line.registry); }; });
}

}  // namespace duel
