#include "sweep/state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/mean.hpp"

namespace duel {
namespace {

using nlohmann::json;
using State = SweepRun::State;

constexpr int64_t journal_format = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr std::array<std::pair<State, std::string_view>, 6> state_names{{{State::waiting, "waiting"},
                                                                         {State::running, "running"},
                                                                         {State::complete, "complete"},
                                                                         {State::pruned, "pruned"},
                                                                         {State::diverged, "diverged"},
                                                                         {State::failed, "failed"}}};

State state_named(const std::string& name) {
  const auto found = std::ranges::find(state_names, name, &std::pair<State, std::string_view>::second);
  if (found == state_names.end()) throw UserError(ExitCode::data, fmt::format("no run has the state '{}'", name));
  return found->first;
}

json place_record(const char* op, RunPlace place) {
  return {{"op", op}, {"trial", place.trial}, {"seed_index", place.seed_index}};
}

// Of a journal that an earlier version has begun, too.
std::optional<EvaluationRecord> evaluation_record(const json& record) {
  const auto found = record.find("record");
  return found == record.end() || !found->is_string() ? std::nullopt : record_from_json(found->get<std::string>());
}

json text_of(const std::optional<EvaluationRecord>& record) {
  return record ? json(record_json_text(*record)) : json(nullptr);
}

json number_or_null(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

Point point_of(const json& values, std::size_t size) {
  Point point;
  for (const json& value : values) {
    point.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
  }
  if (point.size() != size) throw UserError(ExitCode::data, "a point has another number of parameters than the sweep");
  return point;
}

}  // namespace

std::string_view to_string(State state) {
  return std::ranges::find(state_names, state, &std::pair<State, std::string_view>::first)->second;
}

void SweepRun::note_saved(int64_t step) {
  if (step > saved) deaths = deaths_seen = 0;
  saved = std::max(saved, step);
}

void SweepRun::note_death(const std::string& who, int64_t step, bool seen) {
  note_saved(step);
  if (state == State::running && agent == who) {
    state = State::waiting;
    dead_agent = who;
    ++deaths;
  } else if (dead_agent != who) {
    return;
  }
  deaths_seen += seen ? 1 : 0;
}

bool is_over(State state) { return state != State::waiting && state != State::running; }

TrialResult result_of(const Trial& trial) {
  TrialResult out;
  std::vector<double> values;
  bool begun = false, open = false;
  for (const SweepRun& run : trial.runs) {
    begun = begun || run.state != State::waiting;
    open = open || !duel::is_over(run.state);
    if (run.state == State::complete && run.value) values.push_back(*run.value);
  }
  // One seed that failed, diverged or was pruned speaks for the trial, whatever the others do.
  for (const State state : {State::failed, State::diverged, State::pruned}) {
    if (std::ranges::find(trial.runs, state, &SweepRun::state) != trial.runs.end()) {
      out.state = state;
      return out;
    }
  }
  out.state = !open ? State::complete : begun ? State::running : State::waiting;
  if (values.size() < trial.runs.size()) return out;  // the others alone would flatter it
  const MeanWithError mean = mean_with_error(values);
  out.value = mean.mean;
  out.standard_error = mean.standard_error;
  return out;
}

const SweepRun& SweepState::run(RunPlace place) const {
  return trials_.at(static_cast<std::size_t>(place.trial)).runs.at(place.seed_index);
}

SweepRun& SweepState::run_of(const json& record) {
  const auto trial = record.at("trial").get<std::size_t>();
  const auto seed = record.at("seed_index").get<std::size_t>();
  if (trial >= trials_.size() || seed >= trials_[trial].runs.size()) {
    throw UserError(ExitCode::data, fmt::format("the journal speaks of a run that never began: trial {}", trial));
  }
  return trials_[trial].runs[seed];
}

void SweepState::apply(const json& record) try {
  const std::string op = record.at("op").get<std::string>();
  if (op == "begin") {
    if (record.at("format").get<int64_t>() > journal_format) {
      throw UserError(ExitCode::data, "the journal was written by a newer duel", "use that version");
    }
    identity_hash_ = record.at("identity").get<std::string>();
    identity_ = {record.value("sweep", ""), record.value("experiment", "")};
    return;
  }
  if (op == "claim") {
    const auto number = record.at("trial").get<int64_t>();
    if (number == static_cast<int64_t>(trials_.size())) {
      Trial trial{number, point_of(record.at("point"), definition_->space.size()), {}};
      trial.runs.resize(static_cast<std::size_t>(definition_->runs_per_trial()));
      trials_.push_back(std::move(trial));
    }
    SweepRun& run = run_of(record);
    run.state = State::running;
    run.agent = record.at("agent").get<std::string>();
    run.note_saved(record.at("step").get<int64_t>());
  } else if (op == "report") {
    const json& value = record.at("value");
    SweepRun& run = run_of(record);
    run.curve.insert_or_assign(record.at("place").get<double>(), value.is_null() ? infinity : value.get<double>());
    if (auto made = evaluation_record(record)) run.record = std::move(made);
    const json& end = record.at("end_step");
    run.end_step = end.is_null() ? std::nullopt : std::optional(end.get<int64_t>());
  } else if (op == "died") {
    run_of(record).note_death(record.at("agent").get<std::string>(), record.at("step").get<int64_t>(),
                              record.at("seen").get<bool>());
  } else if (op == "end") {
    SweepRun& run = run_of(record);
    run.state = state_named(record.at("state").get<std::string>());
    run.value = record.at("value").is_null() ? std::nullopt : std::optional(record.at("value").get<double>());
    if (auto made = evaluation_record(record)) run.record = std::move(made);
    run.step = record.at("step").get<int64_t>();
    run.seconds = record.at("seconds").get<double>();
    run.message = record.at("message").get<std::string>();
  } else {
    throw UserError(ExitCode::data, fmt::format("the journal has a record of a kind '{}'", op), "use a newer duel");
  }
} catch (const json::exception& error) {
  throw UserError(ExitCode::data, fmt::format("a record of the journal is not understood: {}", error.what()));
}

bool SweepState::is_over() const {
  if (static_cast<int64_t>(trials_.size()) < definition_->trials()) return false;
  return std::ranges::all_of(trials_, [](const Trial& trial) { return duel::is_over(result_of(trial).state); });
}

int64_t SweepState::trainings_done() const {
  int64_t over = 0;
  for (const Trial& trial : trials_) {
    const bool closed = duel::is_over(result_of(trial).state);
    for (const SweepRun& run : trial.runs) over += closed || duel::is_over(run.state) ? 1 : 0;
  }
  return over;
}

bool SweepState::has_value() const {
  return std::ranges::any_of(trials_, [](const Trial& trial) { return result_of(trial).value.has_value(); });
}

std::optional<SweepState::Unlike> SweepState::unlike() const {
  const EvaluationRecord* first = nullptr;
  int64_t reference = 0;
  for (const Trial& trial : trials_) {
    for (const SweepRun& run : trial.runs) {
      if (!run.record) continue;
      if (first == nullptr) {
        first = &*run.record;
        reference = trial.number;
        continue;
      }
      auto found = differences(*first, *run.record);
      if (!found.empty()) return Unlike{trial.number, reference, std::move(found)};
    }
  }
  return std::nullopt;
}

const Trial* SweepState::best() const {
  if (unlike()) return nullptr;
  const Trial* best = nullptr;
  double best_value = 0;
  for (const Trial& trial : trials_) {
    const TrialResult result = result_of(trial);
    if (result.state != State::complete || !result.value || !std::isfinite(*result.value)) continue;
    const double value = definition_->metric.maximize ? -*result.value : *result.value;
    if (best != nullptr && value >= best_value) continue;
    best = &trial;
    best_value = value;
  }
  return best;
}

std::optional<SweepState::Next> SweepState::next(const IsAlive& is_alive, const IsFree& is_free) const {
  const auto place = next_place(is_alive, is_free);
  if (!place) return std::nullopt;
  const bool is_new = place->trial == static_cast<int64_t>(trials_.size());
  return Next{*place, is_new ? new_point(place->trial) : trials_[static_cast<std::size_t>(place->trial)].point};
}

std::optional<RunPlace> SweepState::next_place(const IsAlive& is_alive, const IsFree& is_free) const {
  for (const Trial& trial : trials_) {
    if (duel::is_over(result_of(trial).state)) continue;
    for (std::size_t i = 0; i < trial.runs.size(); ++i) {
      const SweepRun& run = trial.runs[i];
      const RunPlace place{trial.number, i};
      const bool is_left = run.state == State::waiting || (run.state == State::running && !is_alive(run.agent));
      if (is_left && is_free(place)) return place;
    }
  }
  const RunPlace first_of_new{static_cast<int64_t>(trials_.size()), 0};
  return first_of_new.trial < definition_->trials() ? std::optional(first_of_new) : std::nullopt;
}

Point SweepState::new_point(int64_t number) const {
  switch (definition_->method) {
    case SearchMethod::grid:
      return grid_point(definition_->space, number);
    case SearchMethod::random:
      return random_point(definition_->space, definition_->seed, number);
    case SearchMethod::tpe:
      break;
  }
  return tpe_point(definition_->space, definition_->seed, number, observations(), definition_->tpe);
}

std::vector<Observation> SweepState::observations() const {
  std::vector<Observation> out;
  for (const Trial& trial : trials_) {
    const TrialResult result = result_of(trial);
    Observation seen{trial.number, trial.point, Observation::State::running, 0, 0};
    if (result.state == State::complete && result.value) {
      seen.state = Observation::State::complete;
      seen.value = definition_->metric.maximize ? -*result.value : *result.value;
    } else if (result.state == State::pruned) {
      const auto run = std::ranges::find(trial.runs, State::pruned, &SweepRun::state);
      seen.state = Observation::State::pruned;
      if (!run->curve.empty()) std::tie(seen.resource, seen.value) = *run->curve.rbegin();
    } else if (duel::is_over(result.state)) {
      seen.state = Observation::State::diverged;
    }
    out.push_back(std::move(seen));
  }
  return out;
}

bool SweepState::ends(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& record) const {
  std::map<int64_t, LearningCurve> others;
  for (const Trial& trial : trials_) {
    const SweepRun& other = trial.runs.at(place.seed_index);
    const bool alike = !record || !other.record || differences(*other.record, *record).empty();
    if (trial.number != place.trial && alike) others[trial.number] = other.curve;
  }
  LearningCurve curve = run(place).curve;
  curve.insert_or_assign(at, std::isnan(value) ? infinity : value);
  return should_end(definition_->early_terminate.value(), place.trial, at, curve, others);
}

std::string describe(const SweepState::Unlike& unlike, const std::string& metric) {
  return fmt::format("{} of trial {} is not comparable with that of trial {}: {}", metric, unlike.trial,
                     unlike.reference, fmt::join(unlike.differences, "; "));
}

// ---- records

json begin_record(const SweepIdentity& identity) {
  return {{"op", "begin"},
          {"format", journal_format},
          {"identity", identity.hash()},
          {"sweep", identity.sweep},
          {"experiment", identity.experiment}};
}

json claim_record(RunPlace place, const Point& point, const std::string& agent, int64_t step) {
  json record = place_record("claim", place);
  record["agent"] = agent;
  record["step"] = step;
  record["point"] = json::array();
  for (const auto& value : point) record["point"].push_back(value ? json(*value) : json(nullptr));
  return record;
}

json report_record(RunPlace place, double at, double value, const std::optional<EvaluationRecord>& made,
                   std::optional<int64_t> end_step) {
  json record = place_record("report", place);
  record["place"] = at;
  record["value"] = number_or_null(value);
  record["record"] = text_of(made);
  record["end_step"] = end_step ? json(*end_step) : json(nullptr);
  return record;
}

json died_record(RunPlace place, const std::string& agent, int64_t step, bool seen) {
  json record = place_record("died", place);
  record["agent"] = agent;
  record["step"] = step;
  record["seen"] = seen;
  return record;
}

json end_record(RunPlace place, const std::string& name, const SweepRun& run) {
  json record = place_record("end", place);
  record["run"] = name;
  record["state"] = std::string(to_string(run.state));
  record["value"] = run.value ? number_or_null(*run.value) : json(nullptr);
  record["record"] = text_of(run.record);
  record["step"] = run.step;
  record["seconds"] = run.seconds;
  record["message"] = run.message;
  return record;
}

}  // namespace duel
