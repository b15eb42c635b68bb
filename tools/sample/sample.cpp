#include "train/sample.hpp"

#include <CLI/CLI.hpp>

#include "tools/command.hpp"
#include "tools/mode_option.hpp"
#include "tools/overwrite.hpp"
#include "tools/sample/sample_file.hpp"
#include "tools/step_option.hpp"

namespace duel {
namespace {

struct SampleOptions {
  std::string run;
  std::string output;
  std::string format;
  std::string mode;
  std::string step;
  SampleRequest request;
};

int sample(SampleOptions options, const Registry& registry) {
  options.request.mode = read_mode_option(options.mode);
  const SampleFormat format = sample_format(options.output, options.format);
  if (options.output.empty()) options.output = default_sample_name(format);
  refuse_overwrite(options.output, output_kind(format));
  if (!options.step.empty()) options.request.step = read_step_option(options.step, options.run);
  const DrawnSample drawn = draw_sample(options.run, registry, options.request);
  for (const std::string& warning : drawn.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  write_sample(options.output, format, drawn);
  print_out(fmt::format("{}: {} samples of step {}\n", options.output, drawn.values.samples.shape[0], drawn.step));
  return 0;
}

}  // namespace

void add_sample_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<SampleOptions>();
  CLI::App* command = app.add_subcommand("sample", "draw samples from a trained run");
  SampleRequest& request = options->request;
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("-n,--count", request.count, "how many")->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  command->add_option("--seed", request.seed, "seed of the noise");
  command
      ->add_option("-o,--output", options->output,
                   "what to write: a picture (.png), or the values (.npy, or dataset `values` of .h5); samples.png if "
                   "not given")
      ->type_name("FILE");
  command->add_option("--format", options->format, "what is written, whatever the file's name ends in")
      ->check(CLI::IsMember({"png", "npy", "hdf5"}));
  command->add_option("--name", request.name, "which of the experiment's samples; the first if not given");
  command->add_option("--value", request.value, "an expression to show instead: generator.average(z)");
  CLI::Option* mode = command->add_option("--mode", options->mode, "mode of the networks");
  mode->check(CLI::IsMember(mode_names()));
  command
      ->add_option("--standing-statistics", request.standing_statistics,
                   "passes of fresh noise that measure batch normalisation's statistics anew")
      ->check(CLI::Range(0, 100000))
      ->excludes(mode);
  command->add_option("--columns", request.columns, "columns of the grid");
  command->add_option("--step", options->step, "step of the checkpoint, or best; the newest if not given");
  command->add_option("--threads", request.threads, "worker threads")->check(CLI::Range(1, 1024));
  command->callback([options, &line] { line.run = [options, &line] { return sample(*options, line.registry); }; });
}

}  // namespace duel
