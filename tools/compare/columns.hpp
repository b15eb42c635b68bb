// What runs can be told apart by, under the names that users write: their parameters, their metrics and their state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runs/run_entry.hpp"
#include "runs/run_metrics.hpp"

namespace duel {

struct CompareColumn {
  enum class Kind { run, trial, state, step, seconds, parameter, metric, count };  // count: of the runs in a group
  Kind kind = Kind::run;
  std::string heading;
  std::string key{};   // of a parameter, whole
  RunMetric metric{};  // of a metric
  bool operator==(const CompareColumn&) const = default;
};

// What stands in a table. Without a text there is nothing to show.
struct CompareCell {
  std::string text;                // of a parameter, YAML on one line
  std::optional<double> number{};  // what it is sorted and filtered by, if it is one
  std::optional<double> error{};   // uncertainty of one value, standard error of a mean
  int64_t count = 1;               // values in a mean
  std::optional<int64_t> step{};   // of a metric
};

// The runs must outlive it.
class CompareColumns {
 public:
  CompareColumns(std::span<const RunEntry> runs, Choice choice);

  // The parameters in which runs differ, as headings the shortest ends of their keys that no other of them has. A
  // damaged run has none.
  const std::vector<CompareColumn>& parameters() const { return parameters_; }
  Choice choice() const { return choice_; }
  // The metrics of evaluations; where there are none, those of training.
  std::vector<CompareColumn> usual_metrics() const;
  // run, trial, state, step, seconds, a metric, or a parameter by its key or an end of it. Throws
  // UserError(ExitCode::experiment) for other names and those of several parameters; `option` is named in it.
  CompareColumn find(const std::string& name, const std::string& option) const;
  CompareColumn find_parameter_column(const std::string& name, const std::string& option) const;
  CompareColumn find_metric_column(const std::string& name, const std::string& option) const;

  // Is one of the runs the trial of a sweep?
  bool has_trials() const;

  // Of any column but a count.
  CompareCell cell(const RunEntry& run, const CompareColumn& column) const;

 private:
  std::optional<CompareColumn> find_parameter(const std::string& name, const std::string& option) const;
  std::string heading_of(const std::string& key) const;

  std::span<const RunEntry> runs_;
  Choice choice_;
  std::vector<std::string> keys_;  // of all parameters
  std::vector<CompareColumn> parameters_;
};

// The value of a run's parameter as YAML on one line, or nothing.
const std::string* parameter_of(const RunEntry& run, const std::string& key);
// What a value in YAML says: a text without its quotes and escapes; lists and maps stay YAML. Throws UserError for what
// is no YAML.
std::string plain_text(const std::string& yaml);
// 1e-3 and 0.001 are the same.
bool same_value(const std::string& a, const std::string& b);

}  // namespace duel
