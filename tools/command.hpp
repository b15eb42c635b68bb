// The subcommands of the program. Each adds itself to the command line in its own folder; main.cpp runs the one chosen.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "registry/registry.hpp"

namespace CLI {
class App;
}

namespace duel {

// What main hands to every subcommand. The one that is chosen sets `run`; it returns the exit code and may throw
// UserError.
struct CommandLine {
  const Registry& registry;
  std::vector<std::string> arguments;  // of the program, as given
  std::function<int()> run;
};

void add_new_command(CLI::App& app, CommandLine& line);
void add_check_command(CLI::App& app, CommandLine& line);
void add_show_command(CLI::App& app, CommandLine& line);
void add_train_command(CLI::App& app, CommandLine& line);
void add_resume_command(CLI::App& app, CommandLine& line);
void add_animate_command(CLI::App& app, CommandLine& line);
void add_sample_command(CLI::App& app, CommandLine& line);
void add_sweep_command(CLI::App& app, CommandLine& line);
void add_sweep_agent_command(CLI::App& app, CommandLine& line);
void add_evaluate_command(CLI::App& app, CommandLine& line);
void add_score_command(CLI::App& app, CommandLine& line);
void add_statistics_command(CLI::App& app, CommandLine& line);
void add_report_command(CLI::App& app, CommandLine& line);
void add_serve_command(CLI::App& app, CommandLine& line);
void add_bench_command(CLI::App& app, CommandLine& line);
void add_data_command(CLI::App& app, CommandLine& line);
void add_compare_command(CLI::App& app, CommandLine& line);
void add_list_command(CLI::App& app, CommandLine& line);
void add_doctor_command(CLI::App& app, CommandLine& line);
void add_clean_command(CLI::App& app, CommandLine& line);
void add_completion_command(CLI::App& app, CommandLine& line);
void add_complete_command(CLI::App& app, CommandLine& line);
void add_help_command(CLI::App& app, CommandLine& line);
void add_schema_command(CLI::App& app, CommandLine& line);
void add_version_command(CLI::App& app, CommandLine& line);

// Prints to standard output and makes sure that it arrived: UserError(ExitCode::storage) on a full disk or closed pipe.
void print_out(const std::string& text);

}  // namespace duel
