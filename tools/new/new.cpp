#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tools/command.hpp"
#include "tools/new/templates.hpp"

namespace duel {
namespace {

int make_new(const std::string& name, const std::string& from) {
  std::filesystem::path file = name;
  if (file.extension() != ".yaml") file += ".yaml";
  if (std::filesystem::exists(file)) {
    throw UserError(ExitCode::experiment, fmt::format("{} exists already", file.string()), "choose another name");
  }
  const GalleryFile& chosen = find_template(from);
  const std::string text = text_from_template(chosen, file.stem().string());
  write_file_atomically(file, text);
  print_out(fmt::format("{}: from {}\nnext: duel check {}, then duel {} {}\n", file.string(), template_name(chosen),
                        file.string(), trains(text) ? "train" : "show", file.string()));
  return 0;
}

}  // namespace

void add_new_command(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string name;
    std::string from = "digits/mlp";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("new", "write a new experiment file, from one of the gallery");
  command->add_option("name", options->name, "name of the experiment; the file is NAME.yaml")->required();
  command
      ->add_option("--from", options->from,
                   "an experiment of the gallery: FAMILY/NAME, or NAME (of digits/ if several have it)")
      ->capture_default_str();
  command->callback([options, &line] { line.run = [options] { return make_new(options->name, options->from); }; });
}

}  // namespace duel
