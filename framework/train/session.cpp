#include "train/session.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "model/turns.hpp"
#include "train/sample_executable.hpp"

namespace duel {
Divergence::Divergence(int64_t at, const std::string& what)
    : UserError(ExitCode::diverged, fmt::format("step {}: {}", at, what),
                "lower the learning rate, clip the gradients, or set train.on_divergence: rollback"),
      step(at) {}

struct Session::Implementation {
  Implementation(std::shared_ptr<const Experiment> given, const SessionOptions& given_options)
      : experiment(std::move(given)),
        options(given_options),
        awaits_state(options.use != SessionUse::trains),
        pool(options.threads != 0 ? options.threads : static_cast<int>(experiment->engine.threads)),
        data(options.data ? *std::exchange(options.data, std::nullopt) : open_data(*experiment)) {
    model.dtype = experiment->engine.precision;
    model.fields = data.fields;
    if (data.dataset != nullptr) loader = make_loader(*experiment, data.dataset);
    length = training_length(*experiment, loader.get());
    count_steps();
    memory_limit = options.memory ? options.memory : experiment->engine.memory;
    variant = counts->variant(0, rows(0));
    current = &executable(variant);
    // Those of the other phases now, too: what they need may not fit, and their variables belong to the state.
    for (std::size_t phase = 1; phase < experiment->train.phases.size(); ++phase) {
      executable(whole_variant(*experiment, rows(0), phase));
    }
    awaits_state = false;
  }

  void count_steps() {
    counts = std::make_unique<StepCounts>(*experiment, length.phase_steps);
    place = counts->place(0);
  }

  // What a stored run is looked at with must be in its state, once that is there.
  Workplace workplace() {
    const bool refuses = options.use == SessionUse::looks && has_state;
    return {variables, pool, memory_limit, refuses ? Workplace::Others::refused : Workplace::Others::started};
  }

  // Rows of the batches of a step that draws them from that one on.
  int64_t rows(int64_t batch) const { return loader == nullptr ? experiment->data.batch : loader->rows(batch); }

  StepExecutable& executable(const StepVariant& wanted) {
    auto found = executables.find(wanted);
    if (found == executables.end()) {
      StepGraph graph = build_step(*experiment, model, wanted);
      if (awaits_state) {
        for (VariableStart& start : graph.variables) start.weights = nullptr;
      }
      auto made = std::make_unique<StepExecutable>(std::move(graph), experiment->seed, workplace());
      keep(made->loaded_weights);
      made->bind(*experiment, data.fields);
      found = executables.emplace(wanted, std::move(made)).first;
    }
    return *found->second;
  }

  void keep(const std::vector<LoadedWeights>& more) {
    loaded_weights.insert(loaded_weights.end(), more.begin(), more.end());
  }

  Clock clock() const { return {place.step, length.total_steps, epoch(place.step), 0}; }

  // Passes over the data done before `step`, which is not before `counts_from`.
  double epoch(int64_t step) const {
    double out = epochs_before;
    int64_t begin = 0;
    for (std::size_t phase = 0; phase < length.steps_per_epoch.size(); ++phase) {
      const bool last = phase + 1 == length.steps_per_epoch.size();
      const int64_t end = last ? step : std::min(step, begin + length.phase_steps[phase]);
      const int64_t from = std::max(begin, counts_from);
      if (end > from || last)
        out += static_cast<double>(std::max<int64_t>(0, end - from)) / length.steps_per_epoch[phase];
      begin += length.phase_steps[phase];
    }
    return out;
  }

  // What was done until the state was saved. Older states do not say what each player has played.
  void load_place(const CheckpointState& state) {
    place = counts->place(state.counter("step"));
    place.batches = state.counter("batches");
    for (std::size_t player = 0; player < place.turns.size(); ++player) {
      const auto played = state.counters.find(turns_counter(experiment->players[player]));
      if (played != state.counters.end()) place.turns[player] = played->second;
    }
  }

  // A resume may have other batches than the steps before: those keep the passes that they were.
  void load_epochs(const CheckpointState& state) {
    const bool has_changed = state.numbers.contains("epochs_before");
    epochs_before = has_changed ? state.number("epochs_before") : 0;
    counts_from = has_changed ? state.counter("epochs_before_step") : 0;
    if (state.numbers.contains("epoch") && state.number("epoch") != epoch(place.step)) {
      epochs_before = state.number("epoch");
      counts_from = place.step;
    }
    if (!experiment->train.counts_epochs() || counts_from == 0) return;
    if (experiment->train.phases.size() > 1) {
      throw UserError(ExitCode::experiment,
                      Problem{experiment->train.phases.front().where,
                              "train.phases",
                              "phases count epochs, and the steps before had others: batches or phases have changed",
                              "give the phases in steps, or leave them and the data's batches as they were",
                              {}});
    }
    const double epochs_left = *experiment->train.phases.front().epochs - epochs_before;
    length.total_steps = counts_from + std::llround(epochs_left * length.steps_per_epoch.front());
  }

  std::size_t count_told() const {
    std::set<std::string> told;
    for (std::size_t phase = 0; phase < experiment->train.phases.size(); ++phase) {
      for (const std::string& name : computed_names(*experiment, phase)) told.insert(name);
    }
    return told.size();
  }

  static std::string turns_counter(const PlayerSpec& player) { return fmt::format("turns/{}", player.name); }

  void feed(StepExecutable& target) {
    const int64_t batches = target.step.batches;
    for (int64_t draw = 0; draw < batches; ++draw) {
      const Batch& batch = at_data(*experiment, [&]() -> const Batch& { return loader->next(); });
      for (const StepExecutable::FieldInput& input : target.fields) {
        if (input.draw == draw) input.write(batch);
      }
    }
    for (const StepExecutable::NumberInput& number : target.numbers) {
      Clock now = clock();
      if (number.player != nullptr) {
        now.updates = counts->updates(*number.player, place) + number.updates_before;
      }
      number.write(number.value(now));
    }
  }

  std::shared_ptr<const Experiment> experiment;
  SessionOptions options;
  bool awaits_state;  // until the first graph's variables are there
  bool has_state = false;
  ThreadPool pool;
  OpenedData data;
  ModelOptions model;
  VariableStore variables;
  std::vector<LoadedWeights> loaded_weights;
  std::unique_ptr<Loader> loader;
  TrainingLength length;
  std::unique_ptr<StepCounts> counts;
  StepPlace place;
  std::optional<int64_t> memory_limit;
  StepVariant variant;  // of the step done last, or of the first
  StepExecutable* current = nullptr;
  std::map<StepVariant, std::unique_ptr<StepExecutable>> executables;
  std::map<std::string, std::unique_ptr<SampleExecutable>> samplers;
  const std::vector<std::string> metric_names = recorded_names(*experiment);
  // The gradients come last: a phase computes none of them.
  const std::size_t told_metrics = count_told();
  int64_t counts_from = 0;   // the step since which a pass over the data has as many steps as now
  double epochs_before = 0;  // passes done until then
  StepReport report;
};

Session::Session(std::shared_ptr<const Experiment> experiment, const SessionOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(experiment), options)) {}
Session::~Session() = default;

const Experiment& Session::experiment() const { return *implementation_->experiment; }

const std::vector<std::string>& Session::metric_names() const { return implementation_->metric_names; }

std::size_t Session::told_metrics() const { return implementation_->told_metrics; }

int64_t Session::step() const { return implementation_->place.step; }
int64_t Session::total_steps() const { return implementation_->length.total_steps; }
double Session::epoch() const { return implementation_->epoch(step()); }

const PhaseSpec& Session::phase() const {
  const int64_t last = std::max<int64_t>(0, step() - 1);
  return experiment().train.phases[implementation_->counts->phase(last)];
}

int64_t Session::attempt() const { return static_cast<int64_t>(implementation_->model.attempt); }
int Session::threads() const { return implementation_->pool.threads(); }
const std::string& Session::data_fingerprint() const { return implementation_->data.fingerprint; }
Workplace Session::workplace() { return implementation_->workplace(); }
ThreadPool& Session::pool() { return implementation_->pool; }
const OpenedData& Session::data() const { return implementation_->data; }
Clock Session::clock() const { return implementation_->clock(); }
void Session::run_inside_pool(const std::function<void()>& body) { implementation_->pool.run(body); }

int64_t Session::images_per_step() const {
  const int64_t batches = implementation_->counts->batches(implementation_->variant.phase);
  return std::max<int64_t>(1, batches) * experiment().data.batch;
}

std::optional<std::string> Session::data_warning() const { return duel::data_warning(implementation_->data); }

std::vector<std::string> Session::weights_warnings() const {
  std::vector<std::string> warnings;
  for (const LoadedWeights& loaded : implementation_->loaded_weights) {
    if (!loaded.unused.empty()) warnings.push_back(loaded.to_text());
  }
  return warnings;
}

double Session::seconds_waited_for_data() const {
  return implementation_->loader != nullptr ? implementation_->loader->seconds_waited() : 0;
}

bool Session::is_due(const Interval& interval) const {
  const TrainingLength& length = implementation_->length;
  const bool passes = interval.epochs && !length.steps_per_epoch.empty();
  // Without epochs (data without end) an interval in epochs means a tenth of the training for each.
  const double tenth = std::max(1.0, interval.count * static_cast<double>(length.total_steps) / 10);
  const double period = interval.epochs && !passes ? tenth : interval.count;
  const auto events = [&](int64_t steps) {
    const double done = passes ? implementation_->epoch(steps) : static_cast<double>(steps);
    return std::floor(done / period + 1e-9);
  };
  return events(step()) > events(step() - 1);
}

const StepReport& Session::advance() {
  Implementation& self = *implementation_;
  self.counts->find_variant(self.place, self.rows(self.place.batches), self.variant);
  StepExecutable& current = *(self.current = &self.executable(self.variant));
  self.feed(current);
  current.executable.run(static_cast<uint64_t>(self.place.step));
  self.report.metrics.resize(self.metric_names.size());
  current.read_results(self.place.step + 1, self.report.metrics);
  self.counts->advance(self.place);
  self.report.step = self.place.step;
  return self.report;
}

SampleValues Session::sample(const SampleSpec& spec) {
  Implementation& self = *implementation_;
  std::unique_ptr<SampleExecutable>& sampler = self.samplers[fmt::format("{}/{}", spec.name, spec.count)];
  if (sampler == nullptr) {
    sampler = std::make_unique<SampleExecutable>(build_sample(*self.experiment, self.model, spec),
                                                 build_reference(*self.experiment, self.model, spec), *self.experiment,
                                                 self.model, self.data, spec, self.workplace());
    self.keep(sampler->loaded_weights());
  }
  return sampler->run(static_cast<uint64_t>(self.place.step), self.clock());
}

void Session::check_finite() const {
  const VariableStore& variables = implementation_->variables;
  for (const auto& [name, entry] : variables.entries()) {
    for (const double value : variables.read(name)) {
      if (!std::isfinite(value)) throw Divergence(step(), fmt::format("{} holds {}", name, value));
    }
  }
}

CheckpointState Session::save() const {
  const Implementation& self = *implementation_;
  CheckpointState state;
  for (const auto& [name, entry] : self.variables.entries()) {
    const auto bytes = std::span(entry.memory.data(), static_cast<std::size_t>(entry.slot.bytes()));
    state.arrays[name] = {entry.slot.shape, entry.slot.dtype, {bytes.begin(), bytes.end()}};
  }
  state.counters["step"] = self.place.step;
  state.counters["batches"] = self.place.batches;
  for (std::size_t player = 0; player < self.place.turns.size(); ++player) {
    state.counters[Implementation::turns_counter(self.experiment->players[player])] = self.place.turns[player];
  }
  state.counters["total_steps"] = self.length.total_steps;
  state.numbers["epoch"] = epoch();
  if (self.counts_from != 0) {
    state.counters["epochs_before_step"] = self.counts_from;
    state.numbers["epochs_before"] = self.epochs_before;
  }
  state.counters["attempt"] = static_cast<int64_t>(self.model.attempt);
  state.texts["data"] = self.data.fingerprint;
  return state;
}

void Session::load(const CheckpointState& state) {
  Implementation& self = *implementation_;
  const auto data = state.texts.find("data");
  if (data != state.texts.end() && data->second != self.data.fingerprint) {
    throw UserError(ExitCode::data, Problem{self.experiment->data.train_where,
                                            "data.train",
                                            "the data is not what this run was trained on (its hash differs)",
                                            "restore the data files, or start a new run",
                                            {}});
  }
  const auto attempt = static_cast<uint64_t>(state.counter("attempt"));
  if (attempt != self.model.attempt) {
    self.model.attempt = attempt;
    self.executables.clear();
    self.samplers.clear();
    self.current = &self.executable(self.variant);
  }
  for (const auto& [name, entry] : self.variables.entries()) {
    const auto found = state.arrays.find(name);
    if (found == state.arrays.end() || found->second.shape != entry.slot.shape ||
        found->second.dtype != entry.slot.dtype) {
      throw UserError(ExitCode::experiment,
                      fmt::format("the checkpoint does not fit the experiment: {} is {} {} here, and {} there", name,
                                  to_string(entry.slot.dtype), to_string(entry.slot.shape),
                                  found == state.arrays.end() ? "absent"
                                                              : fmt::format("{} {}", to_string(found->second.dtype),
                                                                            to_string(found->second.shape))));
    }
  }
  for (const auto& [name, array] : state.arrays) {
    VariableStore::Entry& entry = self.variables.declare({name, array.shape, array.dtype});
    std::memcpy(entry.memory.data(), array.bytes.data(), array.bytes.size());
  }
  self.has_state = true;
  self.load_place(state);
  self.load_epochs(state);
  if (self.loader != nullptr) self.loader->seek(self.place.batches);
}

void Session::roll_back(const CheckpointState& state) {
  CheckpointState other = state;
  other.counters["attempt"] = attempt() + 1;
  load(other);
}

const Plan& Session::step_plan() const { return implementation_->current->executable.plan(); }
void Session::profile() { implementation_->current->executable.profile(); }
std::vector<Executable::CallTime> Session::call_times() const {
  return implementation_->current->executable.call_times();
}

std::string Session::weights_hash() const {
  Sha256 hash;
  for (const auto& [name, entry] : implementation_->variables.entries()) {
    hash.update(name);
    hash.update(std::span(entry.memory.data(), static_cast<std::size_t>(entry.slot.bytes())));
  }
  return hash.hex();
}

}  // namespace duel
