#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "sweep/agent.hpp"
#include "sweep/index.hpp"
#include "tools/command.hpp"
#include "tools/floors.hpp"
#include "tools/startup.hpp"
#include "tools/stop_signals.hpp"
#include "tools/sweep/estimate.hpp"
#include "tools/sweep/slurm.hpp"
#include "tools/sweep/table.hpp"
#include "tools/sweep/workers.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr int queued_again = 99;  // exit code of an agent whose cluster warned it

// ---- duel sweep

struct SweepOptions {
  std::string what;
  std::vector<std::string> overrides;
  std::string out;
  int64_t parallel = 0;
  int threads = 0;
  std::string launcher = "local";
  bool dry_run = false, quiet = false, json = false;
};

// What changes in the sweep, told line by line; on a terminal the table below stays in its place and is drawn again.
class SweepDisplay {
 public:
  SweepDisplay(const Sweep& sweep, bool quiet, bool json) : sweep_(sweep), quiet_(quiet), json_(json) {
    live_ = !quiet && !json && isatty(STDOUT_FILENO) == 1;
    for (const Trial& trial : sweep.state().trials()) tell(trial, false);
  }

  void update() {
    for (const Trial& trial : sweep_.state().trials()) tell(trial, true);
    if (live_) draw();
  }
  // Takes the table away.
  void finish() {
    if (live_) erase();
  }

 private:
  void tell(const Trial& trial, bool aloud) {
    const TrialResult result = result_of(trial);
    if (result.state == SweepRun::State::running || result.state == SweepRun::State::waiting) return;
    if (!told_.insert(trial.number).second || !aloud || live_) return;
    if (json_) return print_out(json_event(trial, result));
    if (result.state == SweepRun::State::failed) {
      std::fprintf(stderr, "trial %d failed: %s\n", static_cast<int>(trial.number), message_of(trial).c_str());
    }
    if (quiet_) return;
    const std::string value =
        result.value ? fmt::format(": {} {:.5g}", sweep_.definition().metric.name.name, *result.value) : "";
    print_out(fmt::format("trial {} {}{}  {}\n", trial.number, to_string(result.state), value,
                          point_text(sweep_.definition().space, trial.point)));
  }

  static std::string message_of(const Trial& trial) {
    const auto run = std::ranges::find_if(trial.runs, [](const SweepRun& one) { return !one.message.empty(); });
    return run == trial.runs.end() ? "" : run->message;
  }

  std::string json_event(const Trial& trial, const TrialResult& result) const {
    const auto or_null = [](const std::optional<double>& number) {
      return number ? nlohmann::json(*number) : nlohmann::json(nullptr);
    };
    const nlohmann::json event{{"event", "trial"},
                               {"trial", trial.number},
                               {"state", std::string(to_string(result.state))},
                               {"value", or_null(result.value)},
                               {"standard_error", or_null(result.standard_error)},
                               {"overrides", overrides_of(sweep_.definition().space, trial.point)},
                               {"folder", sweep_.run_folder({trial.number, 0}).string()},
                               {"message", message_of(trial)}};
    return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }

  void draw() {
    winsize size{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    const std::size_t rows = known ? size.ws_row : 24;
    const std::string text = trials_table(sweep_, rows > 6 ? rows - 4 : 2) + summary_line(sweep_) + "\n";
    if (text == drawn_) return;
    erase();
    print_out("\033[?7l" + text + "\033[?7h");  // long lines are cut, not wrapped
    drawn_ = text;
  }
  void erase() {
    const auto lines = std::ranges::count(drawn_, '\n');
    if (lines > 0) print_out(fmt::format("\033[{}A\033[J", lines));
    drawn_.clear();
  }

  const Sweep& sweep_;
  bool quiet_, json_, live_;
  std::set<int64_t> told_;
  std::string drawn_;
};

// An agent that was asked to stop, by whoever: it has saved its run.
bool was_stopped(int code) { return code == queued_again || code == 128 + SIGINT || code == 128 + SIGTERM; }

// An agent that ends by itself with an error says why in its log.
[[noreturn]] void fail_with(const Workers& workers, const Workers::Ended& ended) {
  const auto code = static_cast<ExitCode>(*ended.code);
  const bool known = code >= ExitCode::experiment && code <= ExitCode::in_use;
  throw UserError(known ? code : ExitCode::storage, workers.last_words(ended.worker));
}

void see_ended_workers(Sweep& sweep, Workers& workers, bool stopping) {
  for (const Workers::Ended& ended : workers.ended()) {
    if (!ended.code) sweep.died(ended.agent, fmt::format("signal {}", ended.signal));
    if (ended.code && *ended.code != 0 && !was_stopped(*ended.code) && !stopping) fail_with(workers, ended);
  }
}

int run_workers(Sweep& sweep, const SweepOptions& options) {
  catch_stop_signals();
  Workers workers(sweep.folder(), sweep.definition().parallel, options.threads);
  SweepDisplay display(sweep, options.quiet, options.json);
  const auto is_alive = [&](const std::string& agent) { return sweep.is_alive(agent); };
  bool stopping = false;
  for (;;) {
    sweep.refresh();
    if (stop_asked() && !stopping) {
      workers.signal(stop_signal());
      stopping = true;
    }
    see_ended_workers(sweep, workers, stopping);
    for (std::size_t i = 0; !stopping && i < workers.count() && sweep.state().has_next(is_alive); ++i) {
      if (!workers.is_running(i)) workers.start(i);
    }
    display.update();
    // What agents of another launcher still train is waited for.
    if (workers.running() == 0 && (stopping || sweep.state().is_over())) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  display.finish();
  write_index(sweep.folder() / "sweep.h5", sweep);
  if (!options.quiet && !options.json) print_out(closing_text(sweep));
  if (stopping) return 128 + stop_signal();
  if (sweep.state().best() != nullptr) return 0;
  std::fprintf(stderr, "no trial came to its end with a value of %s\n", sweep.definition().metric.name.name.c_str());
  return static_cast<int>(ExitCode::diverged);
}

fs::path new_sweep_folder(const SweepDefinition& definition) {
  const fs::path base = fs::path("sweeps") / definition.name / time_stamp();
  fs::path folder = base;
  for (int number = 2; fs::exists(folder); ++number) folder = fmt::format("{}-{}", base.string(), number);
  return folder;
}

// Works in another folder while it lives.
class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~WorkingFolder() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  fs::path before_;
};

// Overrides of the sweep, those by options included.
std::vector<std::string> sweep_overrides(const SweepOptions& options) {
  std::vector<std::string> overrides = options.overrides;
  if (options.parallel > 0) overrides.push_back(fmt::format("parallel={}", options.parallel));
  return overrides;
}

void print_plan_of(const SweepOptions& options, const fs::path& file, const Registry& registry) {
  const SweepDefinition definition = read_sweep(load_document(fs::absolute(file), sweep_overrides(options)), registry);
  const WorkingFolder there(definition.paths_from);
  check_sweep(definition, registry);
  const int64_t share = std::max<int64_t>(1, ThreadPool().threads() / definition.parallel);
  print_out(sweep_plan(definition, registry, options.threads > 0 ? options.threads : static_cast<int>(share)));
}

// The folder of a new sweep, whose file and experiment have been checked; of one that is there already if --out says
// so.
fs::path checked_folder(const SweepOptions& options, const Registry& registry) {
  if (!options.out.empty() && fs::exists(fs::path(options.out) / "journal")) return options.out;
  const std::vector<std::string> overrides = sweep_overrides(options);
  read_sweep(load_document(options.what, overrides), registry);  // its messages name the file as it was given
  const SweepDefinition definition = read_sweep(load_document(fs::absolute(options.what), overrides), registry);
  const fs::path folder = options.out.empty() ? new_sweep_folder(definition) : fs::path(options.out);
  const WorkingFolder there(definition.paths_from);
  check_sweep(definition, registry);
  return folder;
}

int submit(const Sweep& sweep, const SweepOptions& options) {
  if (sweep.state().is_over()) {
    if (!options.quiet && !options.json) print_out(closing_text(sweep));
    return 0;
  }
  const auto program = fs::read_symlink("/proc/self/exe").string();
  const std::string job = submit_to_slurm(sweep, program, options.threads);
  if (options.json) {
    print_out(nlohmann::json{{"event", "submitted"}, {"job", job}, {"folder", sweep.folder().string()}}.dump() + "\n");
  } else if (!options.quiet) {
    print_out(fmt::format("submitted as job {}; how it goes: duel compare {}\n", job, sweep.folder().string()));
  }
  return 0;
}

int sweep_command(const SweepOptions& options, const CommandLine& line) {
  const bool goes_on = fs::is_directory(options.what);
  if (goes_on && !options.out.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("{} is a sweep's folder, and --out names another", options.what),
                    "leave --out away");
  }
  if (options.dry_run) {
    print_plan_of(options, goes_on ? fs::path(options.what) / "sweep.yaml" : fs::path(options.what), line.registry);
    return 0;
  }
  const fs::path folder = goes_on ? fs::path(options.what) : checked_folder(options, line.registry);
  if (goes_on) Sweep::require(folder);
  create_folders(folder);
  const FileLock alone(folder / "local.lock");  // one launcher at a time; nothing is changed before
  Sweep sweep = goes_on ? Sweep::open(folder, line.registry, sweep_overrides(options))
                        : Sweep::create(folder, load_document(options.what, sweep_overrides(options)), line.registry);
  sweep.refresh();
  if (!options.quiet && !options.json) print_out(fmt::format("{}\n", sweep.folder().string()));
  if (options.launcher == "slurm") return submit(sweep, options);
  if (const auto warning = slow_blas_warning()) std::fprintf(stderr, "warning: %s\n", warning->c_str());
  return run_workers(sweep, options);
}

// ---- duel sweep-agent

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

void add_sweep_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<SweepOptions>();
  CLI::App* command = app.add_subcommand("sweep", "search for good parameters of an experiment");
  command->add_option("what", options->what, "sweep file, or the folder of a sweep to go on with")->required();
  command->add_option("overrides", options->overrides, "of the sweep: run_cap=80 parallel=4");
  command->add_option("--out", options->out, "folder; sweeps/<name>/<time> if not given");
  command->add_option("--parallel", options->parallel, "worker processes; the sweep's own number if not given")
      ->check(CLI::Range(int64_t{1}, int64_t{1024}));
  command->add_option("--threads", options->threads, "of a worker; its share of the cores if not given")
      ->check(CLI::Range(1, 1024));
  command->add_option("--launcher", options->launcher, "where workers run")->check(CLI::IsMember({"local", "slurm"}));
  command->add_flag("--dry-run", options->dry_run, "print the plan and what it will cost, and write nothing");
  CLI::Option* quiet = command->add_flag("--quiet", options->quiet, "print nothing but warnings and errors");
  command->add_flag("--json", options->json, "print a JSON object for each trial that ends")->excludes(quiet);
  command->callback([options, &line] { line.run = [options, &line] { return sweep_command(*options, line); }; });
}

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
