#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tools/command.hpp"
#include "tools/new/templates.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

void refuse_existing(const fs::path& file) {
  if (!fs::exists(file)) return;
  throw UserError(ExitCode::experiment, fmt::format("{} exists already", file.string()), "choose another name");
}

int make_experiment(const fs::path& file, const GalleryFile& chosen) {
  const std::string text = text_from_template(chosen, file.stem().string());
  write_file_atomically(file, text);
  print_out(fmt::format("{}: from {}\nnext: duel check {}, then duel {} {}\n", file.string(), template_name(chosen),
                        file.string(), trains(text) ? "train" : "show", file.string()));
  return 0;
}

// And its experiment beside it.
int make_sweep(const fs::path& file, const GalleryFile& chosen) {
  const GalleryFile& template_of_it = experiment_of(chosen);
  const std::string name = file.stem().string() + "-experiment";
  const fs::path experiment = file.parent_path() / (name + ".yaml");
  refuse_existing(experiment);
  write_file_atomically(experiment, text_from_template(template_of_it, name));
  write_file_atomically(file, sweep_from_template(chosen, experiment.filename().string()));
  print_out(fmt::format("{}: from {}\n{}: from {}\nnext: duel sweep {} --dry-run, then duel sweep {}\n", file.string(),
                        template_name(chosen), experiment.string(), template_name(template_of_it), file.string(),
                        file.string()));
  return 0;
}

int make_new(const std::string& name, const std::string& from) {
  fs::path file = name;
  if (file.extension() != ".yaml") file += ".yaml";
  refuse_existing(file);
  const GalleryFile& chosen = find_template(from);
  return is_sweep(chosen) ? make_sweep(file, chosen) : make_experiment(file, chosen);
}

}  // namespace

void add_new_command(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string name;
    std::string from = "digits/mlp";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("new", "write a new experiment or sweep, from one of the gallery");
  command->add_option("name", options->name, "name of the experiment; the file is NAME.yaml")->required();
  command
      ->add_option("--from", options->from,
                   "an experiment of the gallery: FAMILY/NAME, or NAME (of digits/ if several have it); or sweeps/NAME")
      ->capture_default_str();
  command->callback([options, &line] { line.run = [options] { return make_new(options->name, options->from); }; });
}

}  // namespace duel
