#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "runs/unlike_scores.hpp"
#include "tools/command.hpp"
#include "tools/compare/diff.hpp"
#include "tools/compare/filter.hpp"
#include "tools/compare/grouping.hpp"
#include "tools/compare/table.hpp"
#include "tools/overwrite.hpp"
#include "tools/page/write_page.hpp"
#include "tools/run_text.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A table with more of them is hard to read.
constexpr std::ptrdiff_t most_parameters = 12;

struct CompareOptions {
  std::vector<std::string> paths;
  std::string parameters, metrics;
  std::vector<std::string> where;
  std::string least, greatest;
  std::optional<int64_t> top;
  std::string group_by;
  fs::path html;
  bool best = false, diff = false, csv = false, json = false, mix_protocols = false;
};

std::vector<const RunEntry*> passing(const std::vector<RunEntry>& runs, const CompareColumns& columns,
                                     const std::vector<std::string>& conditions) {
  std::vector<RunFilter> filters;
  for (const std::string& condition : conditions) filters.push_back(read_filter(condition, columns));
  std::vector<const RunEntry*> passed;
  for (const RunEntry& run : runs) {
    const auto lets_pass = [&](const RunFilter& filter) { return passes(filter, columns.cell(run, filter.column)); };
    if (std::ranges::all_of(filters, lets_pass)) passed.push_back(&run);
  }
  return passed;
}

std::vector<CompareColumn> metric_columns(const std::string& names, const CompareColumns& columns) {
  if (names.empty()) return columns.usual_metrics();
  std::vector<CompareColumn> found;
  for (const std::string& name : split_at_commas(names)) {
    const CompareColumn column = columns.find_metric_column(name, "--metrics");
    if (std::ranges::find(found, column) == found.end()) found.push_back(column);
  }
  return found;
}

std::vector<CompareColumn> parameter_columns(const std::string& names, const CompareColumns& columns) {
  if (names.empty()) return columns.parameters();
  std::vector<CompareColumn> found;
  for (const std::string& name : split_at_commas(names)) {
    const CompareColumn column = columns.find_parameter_column(name, "--parameters");
    if (std::ranges::find(found, column) == found.end()) found.push_back(column);
  }
  return found;
}

// What --min or --max asks for.
std::optional<CompareColumn> sorting_column(const CompareOptions& options, const CompareColumns& columns) {
  if (!options.least.empty()) return columns.find(options.least, "--min");
  if (!options.greatest.empty()) return columns.find(options.greatest, "--max");
  return std::nullopt;
}

std::vector<CompareColumn> shown_columns(const CompareColumns& columns, const std::vector<CompareColumn>& parameters,
                                         const std::vector<CompareColumn>& metrics,
                                         const std::optional<CompareColumn>& sorting) {
  using Kind = CompareColumn::Kind;
  std::vector<CompareColumn> shown;
  if (columns.has_trials()) shown.push_back({Kind::trial, "trial"});
  shown.insert(shown.end(), {{Kind::state, "state"}, {Kind::step, "step"}});
  shown.insert(shown.end(), parameters.begin(), parameters.end());
  shown.insert(shown.end(), metrics.begin(), metrics.end());
  if (sorting && sorting->kind != Kind::run && std::ranges::find(shown, *sorting) == shown.end()) {
    shown.push_back(*sorting);
  }
  shown.push_back({Kind::run, "run"});
  return shown;
}

std::vector<RunMetric> metrics_in(const std::vector<CompareColumn>& columns) {
  std::vector<RunMetric> metrics;
  for (const CompareColumn& column : columns) {
    if (column.kind == CompareColumn::Kind::metric) metrics.push_back(column.metric);
  }
  return metrics;
}

void refuse_unlike_ranking(const std::vector<UnlikeScores>& unlike, const CompareColumn& sorting,
                           const std::string& option) {
  const auto found = std::ranges::find(unlike, sorting.heading, &UnlikeScores::metric);
  if (sorting.kind != CompareColumn::Kind::metric || found == unlike.end()) return;
  throw UserError(ExitCode::experiment, fmt::format("{} {}: {}", option, sorting.heading, describe(*found, "; ")),
                  "evaluate the runs alike, leave some out with --where, or say --mix-protocols");
}

void check_sorting(const CompareTable& table, const CompareColumn& sorting, const std::string& option) {
  if (std::ranges::find(table.columns, sorting) != table.columns.end() && sorting.kind != CompareColumn::Kind::run &&
      sorting.kind != CompareColumn::Kind::state) {
    return;
  }
  throw UserError(ExitCode::experiment, fmt::format("{} {}: there are no numbers to sort by", option, sorting.heading),
                  "name a metric, or a parameter of the table");
}

std::string notes(const CompareTable& table, const std::vector<UnlikeScores>& unlike,
                  const std::vector<LostTrial>& lost) {
  std::string text;
  for (const UnlikeScores& scores : unlike) text += describe(scores, "\n") + "\n";
  for (const CompareTable::Row& row : table.rows) {
    for (const RunEntry* run : row.runs) text += problem_line(*run);
  }
  text += lost_trial_lines(lost);
  const auto parameters = std::ranges::count(table.columns, CompareColumn::Kind::parameter, &CompareColumn::kind);
  if (parameters > most_parameters && !table.rows.empty()) {
    text +=
        fmt::format("the runs differ in {} parameters: --parameters lr,batch shows those that it names\n", parameters);
  }
  if (table.rows.empty()) text += "no run is left: --where lets none pass\n";
  return text.empty() ? text : "\n" + text;
}

json unlike_json(const std::vector<UnlikeScores>& all) {
  json list = json::array();
  for (const UnlikeScores& unlike : all) {
    for (const UnlikeScores::Others& others : unlike.others) {
      list.push_back({{"metric", unlike.metric},
                      {"run", unlike.reference},
                      {"others", others.runs},
                      {"differences", others.differences}});
    }
  }
  return list;
}

void print_table(const CompareOptions& options, const CompareTable& table, const std::vector<UnlikeScores>& unlike) {
  const std::vector<LostTrial> lost = lost_trials(options.paths);
  if (options.json) {
    const json object{{table.grouped ? "groups" : "runs", to_json(table)},
                      {"unlike", unlike_json(unlike)},
                      {"lost", lost_trials_json(lost)}};
    return print_out(object.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  }
  print_out(options.csv ? to_csv(table) : to_text(table));
  const std::string below = notes(table, unlike, lost);
  // A file of values holds nothing else, but what makes them no good must be said.
  if (options.csv) {
    std::fputs(below.c_str(), stderr);
  } else {
    print_out(below);
  }
}

void write_compared(const CompareTable& table, const Registry& registry, const fs::path& file) {
  std::vector<fs::path> folders;
  for (const CompareTable::Row& row : table.rows) {
    for (const RunEntry* run : row.runs) folders.push_back(run->folder);
  }
  write_page(folders, registry, file);
  print_out(file.string() + "\n");
}

int compare_runs(const CompareOptions& options, const Registry& registry) {
  if (!options.html.empty()) {
    require_pages();
    refuse_overwrite(options.html, OutputKind::page);
  }
  const std::vector<RunEntry> runs = read_runs(options.paths);
  const Choice choice = options.best ? Choice::best : Choice::last;
  const CompareColumns columns(runs, choice);
  const std::vector<const RunEntry*> shown = passing(runs, columns, options.where);
  const std::vector<CompareColumn> metrics = metric_columns(options.metrics, columns);
  const auto sorting = sorting_column(options, columns);
  const std::string option = options.least.empty() ? "--max" : "--min";
  CompareTable table = table_of(
      shown, columns, shown_columns(columns, parameter_columns(options.parameters, columns), metrics, sorting));
  const auto unlike = unlike_scores(shown, metrics_in(table.columns), choice);
  if (sorting && !options.mix_protocols) refuse_unlike_ranking(unlike, *sorting, option);
  if (!options.group_by.empty())
    table = grouped(table, grouping_columns(options.group_by, columns), columns, options.mix_protocols);
  if (sorting) {
    check_sorting(table, *sorting, option);
    sort_rows(table, *sorting, options.greatest.empty());
    if (options.top) table.rows.resize(std::min(table.rows.size(), static_cast<std::size_t>(*options.top)));
  }
  if (options.html.empty()) {
    print_table(options, table, unlike);
  } else {
    write_compared(table, registry, options.html);
  }
  return 0;
}

int compare_experiments(const CompareOptions& options, const Registry& registry) {
  if (options.csv || options.best || options.mix_protocols || options.top || !options.where.empty() ||
      !(options.parameters + options.metrics + options.least + options.greatest + options.group_by +
        options.html.string())
           .empty()) {
    throw UserError(ExitCode::experiment, "two experiments are compared by what they say alone",
                    "leave out all options but --diff and --json");
  }
  if (options.paths.size() != 2) {
    throw UserError(ExitCode::experiment, fmt::format("{} experiments to compare", options.paths.size()),
                    "name two: experiment files or run folders");
  }
  const ExperimentSide a = experiment_side(options.paths[0], registry), b = experiment_side(options.paths[1], registry);
  const auto diff = experiment_diff(a, b);
  print_out(options.json ? to_json(diff).dump(2, ' ', false, json::error_handler_t::replace) + "\n"
                         : to_text(diff, a, b));
  return 0;
}

int compare(const CompareOptions& options, const Registry& registry) {
  const auto is_file = [](const std::string& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
  };
  const bool of_experiments = options.diff || std::ranges::any_of(options.paths, is_file);
  return of_experiments ? compare_experiments(options, registry) : compare_runs(options, registry);
}

}  // namespace

void add_compare_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand("compare", "compare runs in a table, or two experiments");
  command->add_option("paths", options->paths, "run folders, folders that hold runs, or two experiment files")
      ->required();
  command->add_flag("--diff", options->diff, "what differs in the experiments of two runs or files");
  command->add_option("--parameters", options->parameters,
                      "which to show, with commas between; those in which the runs differ if not given");
  CLI::Option* metrics = command->add_option("--metrics", options->metrics,
                                             "which, with commas between; those of the evaluations if not given");
  command->add_flag("--best", options->best, "the best value of each metric instead of the last");
  command
      ->add_option("--where", options->where, "only runs of which this is true: 'lr<1e-3', state=complete, 'fid<=20'")
      ->allow_extra_args(false);
  CLI::Option* least = command->add_option("--min", options->least, "sort by this parameter or metric, least first");
  CLI::Option* greatest = command->add_option("--max", options->greatest, "the same, greatest first")->excludes(least);
  command->add_option("--top", options->top, "only the first so many of the sorted")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  CLI::Option* group_by = command->add_option(
      "--group-by", options->group_by,
      fmt::format("means over the runs that agree in these, with commas between; {}: in all that runs "
                  "differ in but the seed",
                  all_but_seed));
  command->add_flag("--mix-protocols", options->mix_protocols, "sort scores that were not made alike all the same");
  CLI::Option* csv = command->add_flag("--csv", options->csv, "print comma-separated values");
  CLI::Option* as_json = command->add_flag("--json", options->json, "print JSON")->excludes(csv);
  command->add_option("--html", options->html, "write these runs into a page at this file, instead of printing a table")
      ->excludes(csv)
      ->excludes(as_json)
      ->excludes(metrics)
      ->excludes(group_by);
  command->callback([options, &line, least, greatest] {
    if (options->top && least->empty() && greatest->empty()) {
      throw UserError(ExitCode::experiment, "--top: the first of what?", "say it with --min or --max");
    }
    line.run = [options, &line] { return compare(*options, line.registry); };
  });
}

}  // namespace duel
