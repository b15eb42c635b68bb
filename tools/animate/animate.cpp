#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "page/pictures.hpp"
#include "store/animation.hpp"
#include "tools/command.hpp"
#include "tools/overwrite.hpp"

namespace duel {
namespace {

struct AnimateOptions {
  std::filesystem::path run;
  std::filesystem::path output = "animation.png";
  std::string name;
  int64_t milliseconds = 250;
};

// The pictures of the one sample that is asked for, by step.
std::vector<std::filesystem::path> frames_of(const AnimateOptions& options) {
  std::map<std::string, std::vector<std::filesystem::path>> pictures;
  for (const PictureFile& picture : find_pictures(options.run)) pictures[picture.sample].push_back(picture.path);
  if (pictures.empty()) {
    throw UserError(ExitCode::data, fmt::format("{} holds no pictures in samples/", options.run.string()),
                    "name a run folder whose experiment has a `sample:` section");
  }
  std::vector<std::string> names;
  for (const auto& [name, files] : pictures) names.push_back(name);
  if (options.name.empty() && names.size() == 1) return pictures.begin()->second;
  if (options.name.empty()) {
    throw UserError(ExitCode::experiment,
                    fmt::format("the run has pictures of several samples: {}", fmt::join(names, ", ")),
                    "say which with --name");
  }
  const auto found = pictures.find(options.name);
  if (found != pictures.end()) return found->second;
  std::string remedy = suggestion(options.name, names);
  if (remedy.empty()) remedy = fmt::format("it has: {}", fmt::join(names, ", "));
  throw UserError(ExitCode::experiment, fmt::format("the run has no pictures of a sample '{}'", options.name), remedy);
}

int animate(const AnimateOptions& options) {
  if (options.output.extension() != ".png" && options.output.extension() != ".apng") {
    throw UserError(ExitCode::experiment,
                    fmt::format("--output {}: an animation is a PNG file", options.output.string()),
                    "give FILE.png or FILE.apng");
  }
  refuse_overwrite(options.output, OutputKind::picture);
  const auto frames = frames_of(options);
  write_animation(options.output, frames, options.milliseconds);
  print_out(
      fmt::format("{}: {} pictures of {} ms each\n", options.output.string(), frames.size(), options.milliseconds));
  return 0;
}

}  // namespace

void add_animate_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<AnimateOptions>();
  CLI::App* command = app.add_subcommand("animate", "make one moving picture (APNG) of a run's pictures over training");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("-o,--output", options->output, "FILE.png or FILE.apng, which browsers play")
      ->capture_default_str();
  command->add_option("--name", options->name, "which of the experiment's samples; needed where there are several");
  command
      ->add_option("--milliseconds", options->milliseconds,
                   "how long each picture is shown; the last three times as long")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command->callback([options, &line] { line.run = [options] { return animate(*options); }; });
}

}  // namespace duel
