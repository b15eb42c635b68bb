#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>

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
    known.push_back(command->get_name());
  }
  const std::string near = suggestion(arguments[at], known);
  const std::string whole = at == 1 ? arguments[at] : fmt::format("{} {}", app.get_name(), arguments[at]);
  throw UserError(ExitCode::experiment, fmt::format("no command is called '{}'", whole),
                  near.empty() ? "see 'duel --help'" : near);
}

int run_command(int argc, char** argv) {
  Registry registry;
  register_plugins(registry);
  CommandLine line{registry, {argv, argv + argc}, {}};
  CLI::App app("duel: declarative GAN experiments");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "help of every command");
  for (const auto add : {add_new_command, add_check_command, add_show_command, add_train_command, add_resume_command,
                         add_sample_command, add_evaluate_command, add_score_command, add_bench_command,
                         add_data_command, add_help_command, add_schema_command, add_version_command}) {
    add(app, line);
  }
  refuse_unknown_command(app, line.arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {  // --help
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const std::string command = chosen.empty() ? "" : " " + chosen.front()->get_name();
    std::fprintf(stderr, "%s; see 'duel%s --help'\n", error.what(), command.c_str());
    return static_cast<int>(ExitCode::experiment);
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
