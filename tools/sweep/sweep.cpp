#include "sweep/sweep.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/command.hpp"
#include "tools/startup.hpp"
#include "tools/sweep/display.hpp"
#include "tools/sweep/estimate.hpp"
#include "tools/sweep/launch.hpp"
#include "tools/sweep/slurm.hpp"
#include "tools/sweep/table.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  std::string what;
  std::vector<std::string> overrides;
  std::string out;
  int64_t parallel = 0;
  int threads = 0;
  std::string launcher = "local";
  bool dry_run = false, quiet = false, json = false;
};

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

void check_in_its_folder(const SweepDefinition& definition, const Registry& registry) {
  const WorkingFolder there(definition.paths_from);
  check_sweep(definition, registry);
}

void print_plan_of(const SweepDefinition& definition, const SweepState& so_far, const SweepOptions& options,
                   const Registry& registry) {
  const int64_t share = std::max<int64_t>(1, ThreadPool().threads() / definition.parallel);
  const WorkingFolder there(definition.paths_from);
  print_out(sweep_plan(definition, so_far, registry, options.threads > 0 ? options.threads : static_cast<int>(share)));
}

void warn_of_unlike_scores(const SweepDefinition& definition) {
  const std::vector<std::string> keys = protocol_parameters(definition);
  if (keys.empty()) return;
  const std::string text = fmt::format(
      "warning: {} may change how {} is made: scores that are made in unlike ways cannot be compared, and then no "
      "trial is called the best\n",
      fmt::join(keys, ", "), definition.metric.name.name);
  std::fputs(text.c_str(), stderr);
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
    print_out(fmt::format("submitted as job {}; how it goes: {}\n", job, comparing_command(sweep)));
  }
  return 0;
}

// A new sweep goes into a folder of its own, or one in which a sweep has been begun.
void refuse_other_things(const fs::path& folder) {
  const std::set<std::string> own{"sweep.yaml", "sweep.lock", "local.lock", "trials", "agents", "logs"};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (own.contains(name)) continue;
    throw UserError(ExitCode::experiment, fmt::format("{} holds other things: {}", folder.string(), name),
                    "name a folder that is not there yet");
  }
}

// The folder that is asked for, or where none is one of the sweep's own.
fs::path new_folder(const SweepOptions& options, const SweepDefinition& definition) {
  if (options.out.empty()) return create_new_folder(fs::path("sweeps") / definition.name / time_stamp()).back();
  if (!fs::exists(fs::path(options.out) / "journal")) refuse_other_things(options.out);
  create_folders(options.out);
  return options.out;
}

int sweep_command(const SweepOptions& options, const CommandLine& line) {
  const bool goes_on = fs::is_directory(options.what);
  if (goes_on && !options.out.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("{} is a sweep's folder, and --out names another", options.what),
                    "leave --out away");
  }
  if (goes_on) Sweep::require(options.what);
  const fs::path file = goes_on ? fs::path(options.what) / "sweep.yaml" : fs::path(options.what);
  const Document document = load_document(file, sweep_overrides(options));
  SweepDefinition definition = read_sweep(document, line.registry);
  const bool is_there = goes_on || (!options.out.empty() && fs::exists(fs::path(options.out) / "journal"));
  if (!is_there || options.dry_run) check_in_its_folder(definition, line.registry);
  warn_of_unlike_scores(definition);
  if (options.dry_run) {
    const fs::path folder = goes_on ? options.what : options.out;
    const SweepState so_far = is_there ? Sweep::look_at(folder, document, definition) : SweepState(definition);
    print_plan_of(definition, so_far, options, line.registry);
    return 0;
  }
  const fs::path folder = goes_on ? fs::path(options.what) : new_folder(options, definition);
  const FileLock alone(folder / "local.lock");  // one launcher at a time; nothing is changed before
  Sweep sweep = Sweep::create(folder, document, std::move(definition));
  if (!options.quiet && !options.json) print_out(fmt::format("{}\n", sweep.folder().string()));
  if (options.launcher == "slurm") return submit(sweep, options);
  if (const auto warning = slow_blas_warning()) std::fprintf(stderr, "warning: %s\n", warning->c_str());
  const Telling telling = options.json ? Telling::json : options.quiet ? Telling::failures : Telling::all;
  return run_workers(sweep, options.threads, telling);
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
  CLI::Option* dry_run =
      command->add_flag("--dry-run", options->dry_run, "print the plan and what it will cost, and write nothing");
  CLI::Option* quiet =
      command->add_flag("--quiet", options->quiet, "print nothing but warnings and errors")->excludes(dry_run);
  command->add_flag("--json", options->json, "print a JSON object for each trial that ends, and one at the end")
      ->excludes(quiet)
      ->excludes(dry_run);
  command->callback([options, &line] { line.run = [options, &line] { return sweep_command(*options, line); }; });
}

}  // namespace duel
