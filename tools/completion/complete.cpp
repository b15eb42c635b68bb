#include "tools/completion/complete.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "tools/completion/candidates.hpp"
#include "tools/completion/scripts.hpp"
#include "tools/data/data.hpp"
#include "tools/mode_option.hpp"
#include "tools/new/templates.hpp"

namespace duel {
namespace {

using Words = std::vector<std::string>;

// A command line up to the word that is completed.
struct BegunLine {
  const CLI::App* command = nullptr;  // the innermost
  std::string name;                   // its name, with that of the command around it: "data fetch"
  Words positionals;
  const CLI::Option* open_option = nullptr;  // whose value is completed
};

const CLI::Option* option_named(const CLI::App& command, const std::string& word) {
  if (!word.starts_with('-')) return nullptr;
  const auto options = command.get_options([&](const CLI::Option* option) { return option->check_name(word); });
  return options.empty() ? nullptr : options.front();
}

const CLI::App* command_named(const CLI::App& app, const std::string& word) {
  const auto found = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
  return found.empty() ? nullptr : found.front();
}

BegunLine read_line(const CLI::App& app, const Words& words) {
  BegunLine line{&app, {}, {}, nullptr};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const CLI::Option* opened = std::exchange(line.open_option, nullptr);
    if (opened != nullptr) continue;  // its value
    if (const CLI::Option* option = option_named(*line.command, words[i])) {
      if (option->get_items_expected_max() > 0) line.open_option = option;
    } else if (const CLI::App* inner = command_named(*line.command, words[i]); inner && line.positionals.empty()) {
      line.command = inner;
      line.name += (line.name.empty() ? "" : " ") + words[i];
    } else if (!words[i].starts_with('-')) {
      line.positionals.push_back(words[i]);
    }
  }
  return line;
}

Words command_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names.push_back(command->get_name());  // no group: hidden
  }
  return names;
}

Words option_names(const CLI::App& command) {
  Words names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Words kind_names(const Registry& registry) {
  Words names;
  for (const KindTable* table : registry.tables()) {
    names.push_back(table->noun());
    for (const std::string& kind : table->kinds()) names.push_back(kind);
  }
  std::ranges::sort(names);
  return names;
}

Words complete_value(const CLI::Option& option, const std::string& start, const Registry& registry) {
  const std::string name = option.get_name();
  if (name == "--metrics") return complete_list(start, registry.metrics.kinds());
  if (name == "--metric") return beginning_with(start, registry.metrics.kinds());
  if (name == "--launcher") return beginning_with(start, {"local", "slurm"});
  if (name == "--mode") return beginning_with(start, mode_names());
  if (name == "--from") return beginning_with(start, template_names());
  if (name == "--features") return complete_runs(start);
  if (name == "--html") return complete_files(start, {".html"});
  if (name == "--out" || name == "--to") return complete_files(start, {});
  return {};
}

// The file of a sweep that is named by it or by the folder of the sweep.
std::string sweep_file(const std::string& what) {
  std::error_code ignored;
  const std::filesystem::path path = what;
  return std::filesystem::is_directory(path, ignored) ? (path / "sweep.yaml").string() : what;
}

// What a command takes in the place of its words.
enum class Takes {
  new_file,
  experiment_and_overrides,
  sweep_and_overrides,
  run_and_overrides,
  run_and_metric_parameters,
  run,
  runs,
  runs_or_experiments,
  sides,
  several_sides,
  files,
  kind,
  shell,
  public_data
};

const std::map<std::string, Takes>& taken_by_commands() {
  static const std::map<std::string, Takes> taken{{"new", Takes::new_file},
                                                  {"check", Takes::experiment_and_overrides},
                                                  {"show", Takes::experiment_and_overrides},
                                                  {"train", Takes::experiment_and_overrides},
                                                  {"bench", Takes::experiment_and_overrides},
                                                  {"sweep", Takes::sweep_and_overrides},
                                                  {"resume", Takes::run_and_overrides},
                                                  {"evaluate", Takes::run_and_metric_parameters},
                                                  {"sample", Takes::run},
                                                  {"animate", Takes::run},
                                                  {"doctor", Takes::run},
                                                  {"report", Takes::run},
                                                  {"list", Takes::runs},
                                                  {"serve", Takes::runs},
                                                  {"clean", Takes::runs},
                                                  {"compare", Takes::runs_or_experiments},
                                                  {"score", Takes::sides},
                                                  {"statistics", Takes::several_sides},
                                                  {"data info", Takes::files},
                                                  {"data fetch", Takes::public_data},
                                                  {"help", Takes::kind},
                                                  {"completion", Takes::shell}};
  return taken;
}

Words complete_positional(const BegunLine& line, const std::string& start, const Registry& registry) {
  const auto found = taken_by_commands().find(line.name);
  if (found == taken_by_commands().end()) return {};
  const Words& given = line.positionals;
  switch (found->second) {
    case Takes::new_file:
      return given.empty() ? complete_files(start, {}) : Words();
    case Takes::experiment_and_overrides:
      return given.empty() ? complete_files(start, {".yaml", ".yml"}) : complete_overrides(start, given.front());
    case Takes::sweep_and_overrides:
      return given.empty() ? complete_files(start, {".yaml", ".yml"})
                           : complete_overrides(start, sweep_file(given.front()));
    case Takes::run_and_overrides:
      return given.empty() ? complete_runs(start) : complete_overrides(start, given.front());
    case Takes::run_and_metric_parameters:
      return given.empty() ? complete_runs(start) : complete_metric_parameters(start, registry);
    case Takes::run:
      return given.empty() ? complete_runs(start) : Words();
    case Takes::runs:
      return complete_runs(start);
    case Takes::runs_or_experiments: {
      Words both = complete_runs(start);
      for (std::string& file : complete_files(start, {".yaml", ".yml"})) {
        if (!file.ends_with('/')) both.push_back(std::move(file));
      }
      return both;
    }
    case Takes::sides:
      return given.size() < 2 ? complete_files(start, {""}) : complete_metric_parameters(start, registry);
    case Takes::several_sides:
      return complete_files(start, {""});
    case Takes::files:
      return given.empty() ? complete_files(start, {""}) : Words();
    case Takes::kind:
      return given.empty() ? beginning_with(start, kind_names(registry)) : Words();
    case Takes::shell:
      return given.empty() ? beginning_with(start, completion_shells()) : Words();
    case Takes::public_data:
      break;
  }
  return given.empty() ? beginning_with(start, public_data_names()) : Words();
}

}  // namespace

Words complete(const CLI::App& app, const Registry& registry, const Words& words) {
  if (words.empty()) return command_names(app);
  const BegunLine line = read_line(app, words);
  const std::string& start = words.back();
  if (line.open_option != nullptr) return complete_value(*line.open_option, start, registry);
  if (start.starts_with('-')) return beginning_with(start, option_names(*line.command));
  const Words commands = command_names(*line.command);
  if (!commands.empty()) return beginning_with(start, commands);
  return complete_positional(line, start, registry);
}

}  // namespace duel
