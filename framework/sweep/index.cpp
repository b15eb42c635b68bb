#include "sweep/index.hpp"

#include <limits>

#include "store/table_file.hpp"
#include "sweep/sweep.hpp"

namespace duel {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// One row a trial.
Table trials_table(const std::vector<Trial>& trials) {
  std::vector<int64_t> numbers;
  std::vector<std::string> states;
  std::vector<double> values, errors;
  for (const Trial& trial : trials) {
    const TrialResult result = result_of(trial);
    numbers.push_back(trial.number);
    states.emplace_back(to_string(result.state));
    values.push_back(result.value.value_or(missing));
    errors.push_back(result.standard_error.value_or(missing));
  }
  return {"trials", {{"number", numbers}, {"state", states}, {"value", values}, {"standard_error", errors}}};
}

// One row a trial, a column a parameter: text, as an override writes it, "" where the trial does not have it. A name
// that depends on several values of another parameter has one column.
Table parameters_table(const SearchSpace& space, const std::vector<Trial>& trials) {
  Table table{"parameters", {}};
  for (std::size_t i = 0; i < space.size(); ++i) {
    auto column = std::ranges::find(table.columns, space[i].key, &TableColumn::name);
    if (column == table.columns.end()) {
      table.columns.push_back({space[i].key, std::vector<std::string>(trials.size())});
      column = table.columns.end() - 1;
    }
    auto& cells = std::get<std::vector<std::string>>(column->values);
    for (std::size_t row = 0; row < trials.size(); ++row) {
      if (const auto value = trials[row].point.at(i)) cells[row] = space[i].distribution.text(*value);
    }
  }
  return table;
}

// One row a training.
Table runs_table(const Sweep& sweep) {
  std::vector<int64_t> trials, steps;
  std::vector<std::string> seeds, states, folders, messages;
  std::vector<double> values, seconds;
  for (const Trial& trial : sweep.state().trials()) {
    for (std::size_t i = 0; i < trial.runs.size(); ++i) {
      const SweepRun& run = trial.runs[i];
      const RunPlace place{trial.number, i};
      const auto seed = sweep.seed_of(place);
      trials.push_back(trial.number);
      seeds.push_back(seed ? std::to_string(*seed) : "");
      states.emplace_back(to_string(run.state));
      values.push_back(run.value.value_or(missing));
      steps.push_back(run.step);
      seconds.push_back(run.seconds);
      folders.push_back("trials/" + sweep.run_name(place));
      messages.push_back(run.message);
    }
  }
  return {"runs",
          {{"trial", trials},
           {"seed", seeds},
           {"state", states},
           {"value", values},
           {"step", steps},
           {"seconds", seconds},
           {"folder", folders},
           {"message", messages}}};
}

}  // namespace

void write_index(const std::filesystem::path& file, const Sweep& sweep) {
  const SweepDefinition& definition = sweep.definition();
  write_tables(file, "duel sweep", 1,
               {{"name", definition.name},
                {"metric", definition.metric.name.name},
                {"goal", definition.metric.maximize ? "maximize" : "minimize"},
                {"value", definition.metric.best ? "best" : "last"}},
               {trials_table(sweep.state().trials()), parameters_table(definition.space, sweep.state().trials()),
                runs_table(sweep)});
}

}  // namespace duel
