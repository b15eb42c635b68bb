#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tools/command.hpp"
#include "tools/new/templates.hpp"

namespace duel {
namespace {

// By full name (digits/mlp) or, where only one has it, by the part behind the slash.
const ExperimentTemplate& find_template(const std::string& wanted) {
  std::vector<const ExperimentTemplate*> found;
  std::vector<std::string> names;
  for (const ExperimentTemplate& candidate : experiment_templates()) {
    names.push_back(candidate.name);
    if (candidate.name == wanted) return candidate;
    if (std::filesystem::path(candidate.name).filename() == wanted) found.push_back(&candidate);
  }
  if (found.size() == 1) return *found.front();
  const char* what = found.empty() ? "no experiment is" : "several experiments are";
  throw UserError(ExitCode::experiment, fmt::format("{} called '{}'", what, wanted),
                  fmt::format("one of: {}", fmt::join(names, ", ")));
}

// The template with the new name in its `name:` line.
std::string renamed(const std::string& text, const std::string& name) {
  const std::size_t start = text.starts_with("name:") ? 0 : text.find("\nname:") + 1;
  const std::size_t end = text.find('\n', start);
  return text.substr(0, start) + "name: " + name + text.substr(end);
}

int make_new(const std::string& name, const std::string& from) {
  std::filesystem::path file = name;
  if (file.extension() != ".yaml") file += ".yaml";
  if (std::filesystem::exists(file)) {
    throw UserError(ExitCode::experiment, fmt::format("{} exists already", file.string()), "choose another name");
  }
  const ExperimentTemplate& chosen = find_template(from);
  write_file_atomically(file, renamed(chosen.text, file.stem().string()));
  print_out(fmt::format("{}: from {}\nnext: duel check {}, then duel train {}\n", file.string(), chosen.name,
                        file.string(), file.string()));
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
  command->add_option("--from", options->from, "an experiment of the gallery")->capture_default_str();
  command->callback([options, &line] { line.run = [options] { return make_new(options->name, options->from); }; });
}

}  // namespace duel
