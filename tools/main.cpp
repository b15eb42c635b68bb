#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <new>
#include <utility>

#include "base/text.hpp"
#include "plugins/register.hpp"
#include "tools/command.hpp"
#include "tools/startup.hpp"

namespace duel {

void print_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  throw UserError(ExitCode::storage, "standard output could not be written");
}

namespace {

int report(const UserError& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}

// CLI11 would say no more than that a command is required. `at` is the argument that should name one of app's.
void refuse_unknown_command(const CLI::App& app, const std::vector<std::string>& arguments, std::size_t at = 1) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  if (commands.empty() || arguments.size() <= at || arguments[at].starts_with('-')) return;
  std::vector<std::string> known;
  for (const CLI::App* command : commands) {
    if (command->get_name() == arguments[at]) return refuse_unknown_command(*command, arguments, at + 1);
    if (!command->get_group().empty()) known.push_back(command->get_name());  // no group: hidden
  }
  const std::string near = suggestion(arguments[at], known);
  const std::string whole = at == 1 ? arguments[at] : fmt::format("{} {}", app.get_name(), arguments[at]);
  throw UserError(ExitCode::experiment, fmt::format("no command is called '{}'", whole),
                  near.empty() ? "see 'duel --help'" : near);
}

// The command of `app` with that name, or null.
const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// The command that the arguments name, as far as they do, and how to call it.
std::pair<const CLI::App*, std::string> named_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::pair<const CLI::App*, std::string> found{&app, "duel"};
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    const CLI::App* next = find_command(*found.first, arguments[at]);
    if (next == nullptr) break;
    found = {next, found.second + " " + arguments[at]};
  }
  return found;
}

// "did you mean --threads?" for the first option that the command does not have; else "".
std::string near_option(const CLI::App& command, const std::vector<std::string>& arguments) {
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string option = argument.substr(0, argument.find('='));
    if (!option.starts_with("--") || std::ranges::find(known, option) != known.end()) continue;
    const auto near = nearest_word(option, known);
    return near ? fmt::format("did you mean {}? ", *near) : "";
  }
  return "";
}

int report_arguments(const CLI::ParseError& error, const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto [command, name] = named_command(app, arguments);
  const std::string near = near_option(*command, arguments);
  std::fprintf(stderr, "%s; %ssee '%s --help'\n", error.what(), near.c_str(), name.c_str());
  return static_cast<int>(ExitCode::experiment);
}

int run_command(int argc, char** argv) {
  Registry registry;
  register_plugins(registry);
  CommandLine line{registry, {argv, argv + argc}, {}};
  CLI::App app("duel: declarative GAN experiments");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help of every command");
  for (const auto add : {add_new_command,         add_check_command,    add_show_command,    add_train_command,
                         add_resume_command,      add_sample_command,   add_animate_command, add_sweep_command,
                         add_sweep_agent_command, add_evaluate_command, add_score_command,   add_statistics_command,
                         add_bench_command,       add_data_command,     add_compare_command, add_list_command,
                         add_report_command,      add_serve_command,    add_doctor_command,  add_clean_command,
                         add_completion_command,  add_complete_command, add_help_command,    add_schema_command,
                         add_version_command}) {
    add(app, line);
  }
  refuse_unknown_command(app, line.arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {  // --help
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return report_arguments(error, app, line.arguments);
  }
  return line.run();
}

}  // namespace
}  // namespace duel

int main(int argc, char** argv) {
  try {
    duel::choose_blas_core(argv);
    return duel::run_command(argc, argv);
  } catch (const duel::UserError& error) {
    return duel::report(error);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "out of memory; make the batch or the networks smaller\n");
    return static_cast<int>(duel::ExitCode::storage);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "internal error: %s; please report it with the experiment\n", error.what());
    return 70;  // EX_SOFTWARE
  }
}
