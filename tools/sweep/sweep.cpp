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
    if (!told_.insert(trial.number).second || !aloud || quiet_ || live_) return;
    if (json_) {
      nlohmann::json event{{"event", "trial"},
                           {"trial", trial.number},
                           {"state", std::string(to_string(result.state))},
                           {"value", result.value ? nlohmann::json(*result.value) : nlohmann::json(nullptr)},
                           {"overrides", overrides_of(sweep_.definition().space, trial.point)}};
      return print_out(event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    print_out(fmt::format(
        "trial {} {}{}  {}\n", trial.number, to_string(result.state),
        result.value ? fmt::format(": {} {:.5g}", sweep_.definition().metric.name.name, *result.value) : std::string(),
        point_text(sweep_.definition().space, trial.point)));
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

// The runs that an agent had when it died wait again.
void give_back_runs(Sweep& sweep, const Workers::Ended& ended) {
  std::vector<RunPlace> places;
  for (const Trial& trial : sweep.state().trials()) {
    for (std::size_t i = 0; i < trial.runs.size(); ++i) {
      const SweepRun& run = trial.runs[i];
      if (run.state == SweepRun::State::running && run.agent == ended.agent) places.push_back({trial.number, i});
    }
  }
  for (const RunPlace place : places) sweep.died(place, ended.agent, fmt::format("signal {}", ended.signal));
}

// An agent that ends by itself with an error says why in its log.
[[noreturn]] void fail_with(const Workers& workers, const Workers::Ended& ended) {
  throw UserError(static_cast<ExitCode>(*ended.code), workers.last_words(ended.worker));
}

bool has_work_left(const Sweep& sweep) {
  return sweep.state().next([](const std::string&) { return true; }).has_value();
}

int run_workers(Sweep& sweep, const SweepOptions& options) {
  const int64_t count = options.parallel > 0 ? options.parallel : sweep.definition().parallel;
  catch_stop_signals();
  Workers workers(sweep.folder(), count, options.threads);
  sweep.refresh();
  SweepDisplay display(sweep, options.quiet, options.json);
  bool stopping = false;
  for (;;) {
    sweep.refresh();
    if (stop_asked() && !stopping) {
      workers.signal(stop_signal());
      stopping = true;
    }
    for (const Workers::Ended& ended : workers.ended()) {
      sweep.refresh();
      if (!ended.code) give_back_runs(sweep, ended);
      if (ended.code && *ended.code != 0 && !stopping) fail_with(workers, ended);
    }
    for (std::size_t i = 0; !stopping && i < workers.count() && has_work_left(sweep); ++i) {
      if (!workers.is_running(i)) workers.start(i);
    }
    display.update();
    if (workers.running() == 0 && (stopping || !has_work_left(sweep))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  display.finish();
  write_index(sweep.folder() / "sweep.h5", sweep);
  if (!options.quiet && !options.json) print_out(closing_text(sweep));
  return stopping ? 128 + stop_signal() : 0;
}

fs::path new_sweep_folder(const SweepDefinition& definition) {
  const fs::path base = fs::path("sweeps") / definition.name / time_stamp();
  fs::path folder = base;
  for (int number = 2; fs::exists(folder); ++number) folder = fmt::format("{}-{}", base.string(), number);
  return folder;
}

int sweep_command(const SweepOptions& options, const CommandLine& line) {
  const bool goes_on = fs::is_directory(options.what);
  if (goes_on && !options.out.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("{} is a sweep's folder, and --out names another", options.what),
                    "leave --out away");
  }
  const fs::path file = goes_on ? fs::path(options.what) / "sweep.yaml" : fs::path(options.what);
  if (options.dry_run) {
    SweepDefinition definition = read_sweep(load_document(file, options.overrides), line.registry);
    if (options.parallel > 0) definition.parallel = options.parallel;
    check_sweep(definition, line.registry);
    print_out(sweep_plan(definition, line.registry, options.threads));
    return 0;
  }
  const auto open = [&] {
    if (goes_on) return Sweep::open(options.what, line.registry, options.overrides);
    const Document document = load_document(file, options.overrides);
    const SweepDefinition definition = read_sweep(document, line.registry);
    const fs::path folder = options.out.empty() ? new_sweep_folder(definition) : fs::path(options.out);
    if (!fs::exists(folder / "journal")) check_sweep(definition, line.registry);
    return Sweep::create(folder, document, line.registry);
  };
  Sweep sweep = open();
  const auto program = fs::read_symlink("/proc/self/exe").string();
  if (!options.quiet && !options.json) print_out(fmt::format("{}\n", sweep.folder().string()));
  if (options.launcher == "slurm") {
    const std::string job = submit_to_slurm(sweep, program);
    print_out(fmt::format("submitted as job {}; how it goes: duel compare {}\n", job, sweep.folder().string()));
    return 0;
  }
  if (const auto warning = slow_blas_warning()) std::fprintf(stderr, "warning: %s\n", warning->c_str());
  const FileLock alone(sweep.folder() / "local.lock");  // one launcher at a time
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
  constexpr int queued_again = 99;
  catch_stop_signals(true);
  Sweep sweep = Sweep::open(options.folder, line.registry);
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
