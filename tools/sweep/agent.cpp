// `duel sweep-agent`: what the launcher and the jobs of a cluster start.
#include "sweep/agent.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "tools/command.hpp"
#include "tools/floors.hpp"
#include "tools/stop_signals.hpp"
#include "tools/sweep/launch.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct AgentCommandOptions {
  std::string folder;
  std::string name;
  int threads = 0;
  std::optional<int64_t> runs;
};

class AgentLog final : public AgentListener {
 public:
  void began(const std::string& run, const std::vector<std::string>& overrides) override {
    print_out(fmt::format("{} {}: {}\n", time_stamp(), run, fmt::join(overrides, " ")));
  }
  void warned(const std::string& run, const std::string& text) override {
    print_out(fmt::format("{} {}: warning: {}\n", time_stamp(), run, text));
  }
  void ended(const std::string& run, const SweepRun& result) override {
    print_out(fmt::format("{} {}: {} at step {}{}\n", time_stamp(), run, to_string(result.state), result.step,
                          result.message.empty() ? "" : ": " + result.message));
  }
};

int agent_command(const AgentCommandOptions& options, const CommandLine& line) {
  catch_stop_signals(true);
  Sweep sweep = Sweep::open(fs::absolute(options.folder), line.registry);
  fs::current_path(sweep.definition().paths_from);
  const auto floors = floor_cache();
  AgentOptions agent;
  agent.name = options.name;
  agent.session.threads = options.threads;
  agent.command_line = line.arguments;
  agent.floors = floors ? &*floors : nullptr;
  agent.most_runs = options.runs;
  AgentLog log;
  if (run_agent(sweep, line.registry, agent, stop_asked(), log) == AgentEnd::nothing_left) return 0;
  return stop_signal() == SIGUSR1 ? queued_again : 128 + stop_signal();
}

}  // namespace

void add_sweep_agent_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<AgentCommandOptions>();
  CLI::App* command = app.add_subcommand("sweep-agent", "train trials of a sweep until none is left");
  command->group("");  // started by `duel sweep` and its batch scripts
  command->add_option("folder", options->folder, "of the sweep")->required();
  command->add_option("--name", options->name, "that no other agent ever has")->required();
  command->add_option("--threads", options->threads, "worker threads")->check(CLI::Range(1, 1024));
  command->add_option("--runs", options->runs, "most trainings")->check(CLI::PositiveNumber);
  command->callback([options, &line] { line.run = [options, &line] { return agent_command(*options, line); }; });
}

}  // namespace duel
