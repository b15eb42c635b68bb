#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "runs/run_metrics.hpp"
#include "tools/command.hpp"
#include "tools/run_text.hpp"
#include "tools/text_table.hpp"

namespace duel {
namespace {

using nlohmann::json;

struct ListOptions {
  std::vector<std::string> folders{"runs"};
  std::string metric;
  bool json = false;
};

// 20261122-031500 → 2026-11-22 03:15:00
std::string started_text(const RunEntry& run) {
  const auto found = run.records.provenance.find("started");
  if (found == run.records.provenance.end()) return {};
  const std::string& stamp = found->second;
  if (stamp.size() != 15 || stamp[8] != '-') return stamp;
  return fmt::format("{}-{}-{} {}:{}:{}", stamp.substr(0, 4), stamp.substr(4, 2), stamp.substr(6, 2),
                     stamp.substr(9, 2), stamp.substr(11, 2), stamp.substr(13, 2));
}

// What its owner may do next.
std::string advice(const RunEntry& run) {
  switch (run.state) {
    case RunState::running:
      return "it trains";
    case RunState::stopped:
      return run.trial ? go_on_with(*run.trial) : fmt::format("duel resume {}", run.folder.string());
    case RunState::damaged:
      return "see below";
    case RunState::complete:
    case RunState::pruned:
    case RunState::diverged:
    case RunState::failed:
      break;
  }
  return {};
}

// Which metric is shown: the one that was asked for, or the first of the evaluations.
std::optional<RunMetric> listed_metric(const std::vector<RunEntry>& runs, const std::string& asked) {
  if (!asked.empty()) return metric_named(runs, asked, "--metric");
  const std::vector<RunMetric> known = metrics_of(runs);
  return known.empty() || known.front().of_training ? std::nullopt : std::optional(known.front());
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string list_text(const std::vector<RunEntry>& runs, const std::optional<RunMetric>& metric,
                      const std::vector<LostTrial>& lost) {
  std::vector<std::vector<std::string>> lines{{"state", "name", "step", "started", "seconds", "run", "next"}};
  if (metric) lines.front().insert(lines.front().begin() + 5, (metric->of_training ? "last " : "best ") + metric->name);
  std::string problems;
  for (const RunEntry& run : runs) {
    const bool damaged = run.state == RunState::damaged;
    lines.push_back({std::string(to_string(run.state)), or_dash(run.name), or_dash(steps_text(run)),
                     or_dash(started_text(run)), damaged ? "-" : fmt::format("{:.1f}", run.seconds),
                     run.folder.string(), advice(run)});
    if (metric) {
      const auto best = chosen_value(run, *metric, Choice::best);
      lines.back().insert(lines.back().begin() + 5, best ? fmt::format("{:.6g}", best->value) : "-");
    }
    problems += problem_line(run) + failure_line(run);
  }
  problems += lost_trial_lines(lost);
  return text_table(lines) + (problems.empty() ? "" : "\n" + problems);
}

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json list_entry(const RunEntry& run, const std::optional<RunMetric>& metric) {
  json entry{{"run", run.folder.string()},
             {"state", to_string(run.state)},
             {"name", text_or_null(run.name)},
             {"step", run.step},
             {"total_steps", run.total_steps ? json(*run.total_steps) : json()},
             {"started", text_or_null(started_text(run))},
             {"seconds", run.seconds},
             {"problem", text_or_null(run.problem)},
             {"failure", text_or_null(failure_of(run))},
             {"sweep", run.trial ? json(run.trial->sweep.string()) : json()},
             {"trial", run.trial ? json(run.trial->number) : json()},
             {"best", nullptr}};
  if (!metric) return entry;
  if (const auto best = chosen_value(run, *metric, Choice::best)) {
    entry["best"] = {{"metric", metric->name}, {"value", best->value}, {"step", best->step}};
  }
  return entry;
}

int list_runs(const ListOptions& options) {
  const std::vector<RunEntry> runs = read_runs(options.folders);
  const auto metric = listed_metric(runs, options.metric);
  if (!options.json) {
    print_out(list_text(runs, metric, lost_trials(options.folders)));
    return 0;
  }
  json list = json::array();
  for (const RunEntry& run : runs) list.push_back(list_entry(run, metric));
  print_out(list.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  return 0;
}

}  // namespace

void add_list_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "list runs, how far they are, and what to do with the unfinished");
  command->add_option("folders", options->folders, "run folders, or folders that hold runs; runs if not given");
  command->add_option(
      "--metric", options->metric,
      "show the best of this, of a metric of training the last; the first of the evaluations if not given");
  command->add_flag("--json", options->json, "print a JSON list");
  command->callback([options, &line] { line.run = [options] { return list_runs(*options); }; });
}

}  // namespace duel
