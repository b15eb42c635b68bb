#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tools/clean/own_files.hpp"
#include "tools/clean/plan.hpp"
#include "tools/clean/remove.hpp"
#include "tools/command.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct CleanOptions {
  std::vector<std::string> folders;
  bool whole_runs = false;
  std::string least, greatest;
  std::optional<int64_t> keep, keep_best;
  bool yes = false, dry_run = false;
};

CleanRequest clean_request(const CleanOptions& options) {
  CleanRequest request;
  request.whole_runs = options.whole_runs;
  const bool ranks = options.keep_best || !options.least.empty() || !options.greatest.empty();
  if (request.whole_runs && (!options.keep_best || (options.least + options.greatest).empty())) {
    throw UserError(ExitCode::experiment, "--runs: which runs are to stay?",
                    "say --keep-best N and --min METRIC or --max METRIC");
  }
  if (!request.whole_runs && ranks) {
    throw UserError(ExitCode::experiment, "--keep-best, --min and --max choose among whole runs", "say --runs too");
  }
  request.keep = options.keep.value_or(1);
  request.keep_best = options.keep_best.value_or(0);
  request.least_is_best = options.greatest.empty();
  request.metric = request.least_is_best ? options.least : options.greatest;
  return request;
}

std::string plan_text(const CleanPlan& plan) {
  std::string text;
  for (const RunCleaning& cleaning : plan.runs) {
    text += fmt::format("{}{}: {}\n", cleaning.run.string(), cleaning.whole ? " (the whole run)" : "", cleaning.reason);
    for (const fs::path& file : cleaning.files) {
      text += fmt::format("  {}  {}\n", file.lexically_relative(cleaning.run).string(), format_bytes(size_of(file)));
    }
  }
  for (const std::string& reason : plan.left_alone) text += "left alone: " + reason + "\n";
  return text;
}

std::string total_text(const CleanPlan& plan) {
  std::size_t files = 0;
  uint64_t bytes = 0;
  for (const RunCleaning& cleaning : plan.runs) {
    files += cleaning.files.size();
    for (const fs::path& file : cleaning.files) bytes += size_of(file);
  }
  return fmt::format("{} {}, {}", files, files == 1 ? "file" : "files", format_bytes(bytes));
}

bool confirmed(const std::string& total) {
  if (isatty(STDIN_FILENO) != 1) {
    throw UserError(ExitCode::experiment, "nothing was removed: there is no terminal to ask at",
                    "say --yes to remove it, or --dry-run to look only");
  }
  print_out(fmt::format("remove {}? [y/N] ", total));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

int clean(const CleanOptions& options) {
  const CleanRequest request = clean_request(options);
  const std::vector<RunEntry> runs = read_runs(options.folders);
  const CleanPlan plan = plan_cleaning(runs, request);
  print_out(plan_text(plan));
  if (plan.runs.empty()) {
    print_out("nothing to remove\n");
    return 0;
  }
  if (options.dry_run) {
    print_out(fmt::format("would remove {}\n", total_text(plan)));
    return 0;
  }
  const std::string total = total_text(plan);
  if (!options.yes && !confirmed(total)) {
    print_out("nothing was removed\n");
    return 0;
  }
  bool all = true;
  for (const RunCleaning& cleaning : plan.runs) {
    const auto refusal = carry_out(cleaning);
    if (!refusal) continue;
    all = false;
    print_out(fmt::format("left alone: {}: {}\n", cleaning.run.string(), *refusal));
  }
  print_out(all ? fmt::format("removed {}\n", total) : "removed the rest\n");
  return 0;
}

}  // namespace

void add_clean_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<CleanOptions>();
  CLI::App* command = app.add_subcommand("clean", "remove what runs need no more; asks before");
  command->add_option("folders", options->folders, "run folders, or folders that hold runs")->required();
  CLI::Option* keep = command->add_option(
      "--keep", options->keep, "newest checkpoints of a complete run that stay, beside the best; 1 if not given");
  keep->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  command->add_flag("--runs", options->whole_runs, "remove whole runs instead, all but the best")->excludes(keep);
  command->add_option("--keep-best", options->keep_best, "how many runs stay")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  CLI::Option* least = command->add_option("--min", options->least, "the best are those with the least of this metric");
  command->add_option("--max", options->greatest, "the best are those with the greatest of it")->excludes(least);
  CLI::Option* dry_run = command->add_flag("--dry-run", options->dry_run, "only say what would be removed");
  command->add_flag("--yes", options->yes, "do not ask")->excludes(dry_run);
  command->callback([options, &line] { line.run = [options] { return clean(*options); }; });
}

}  // namespace duel
