#include "train/session.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

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
        counts(*experiment),
        pool(options.threads != 0 ? options.threads : static_cast<int>(experiment->engine.threads)),
        data(open_data(*experiment)) {
    model.dtype = experiment->engine.precision;
    model.fields = data.fields;
    if (data.dataset != nullptr) loader = make_loader(*experiment, data.dataset);
    length = training_length(*experiment, loader.get());
    memory_limit = options.memory ? options.memory : experiment->engine.memory;
    first_variant = variant = counts.variant(0, rows_of_step(0));
    current = &executable(first_variant);
    awaits_state = false;
  }

  // What a stored run is looked at with must be in its state, once that is there.
  Workplace workplace() {
    const bool refuses = options.use == SessionUse::looks && has_state;
    return {variables, pool, memory_limit, refuses ? Workplace::Others::refused : Workplace::Others::started};
  }

  // Rows of the batches that a step reads.
  int64_t rows_of_step(int64_t at) const {
    return loader == nullptr ? experiment->data.batch : loader->rows(at * counts.batches());
  }

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

  Clock clock() const { return {step, length.total_steps, epoch(), 0}; }

  // Passes over the data done.
  double epoch() const {
    if (!length.steps_per_epoch) return epochs_before;
    return epochs_before + static_cast<double>(step - counts_from) / *length.steps_per_epoch;
  }

  // A resume may have other batches than the steps before: those keep the passes that they were.
  void load_epochs(const CheckpointState& state) {
    const bool has_changed = state.numbers.contains("epochs_before");
    epochs_before = has_changed ? state.number("epochs_before") : 0;
    counts_from = has_changed ? state.counter("epochs_before_step") : 0;
    if (state.numbers.contains("epoch") && state.number("epoch") != epoch()) {
      epochs_before = state.number("epoch");
      counts_from = step;
    }
    const auto& epochs = experiment->train.epochs;
    if (!epochs || counts_from == 0) return;
    length.total_steps = counts_from + std::llround((*epochs - epochs_before) * length.steps_per_epoch.value());
  }

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
        now.updates = counts.updates_before(*number.player, step) + number.updates_before;
      }
      number.write(number.value(now));
    }
  }

  // Throws Divergence at the first loss or gradient that is no number.
  void check_finite(const StepExecutable& done) const {
    for (std::size_t i = 0; i < done.step.metrics.size(); ++i) {
      if (std::isfinite(report.metrics[i])) continue;
      throw Divergence(step + 1, fmt::format("{} is {}", done.step.metrics[i], report.metrics[i]));
    }
    for (const GradientCheck& check : done.step.checks) {
      if (std::isfinite(done.executable.scalar_output(check.output))) continue;
      throw Divergence(step + 1,
                       fmt::format("player {}: the gradient of {} is not finite", check.player, check.weight));
    }
  }

  std::shared_ptr<const Experiment> experiment;
  SessionOptions options;
  bool awaits_state;  // until the first graph's variables are there
  bool has_state = false;
  StepCounts counts;
  ThreadPool pool;
  OpenedData data;
  ModelOptions model;
  VariableStore variables;
  std::vector<LoadedWeights> loaded_weights;
  std::unique_ptr<Loader> loader;
  TrainingLength length;
  std::optional<int64_t> memory_limit;
  StepVariant first_variant;
  StepVariant variant;  // of the step done last, or of the first
  StepExecutable* current = nullptr;
  std::map<StepVariant, std::unique_ptr<StepExecutable>> executables;
  std::map<std::string, std::unique_ptr<SampleExecutable>> samplers;
  int64_t step = 0;
  int64_t counts_from = 0;   // the step since which a pass over the data has as many steps as now
  double epochs_before = 0;  // passes done until then
  StepReport report;
};

Session::Session(std::shared_ptr<const Experiment> experiment, const SessionOptions& options)
    : implementation_(std::make_unique<Implementation>(std::move(experiment), options)) {}
Session::~Session() = default;

const Experiment& Session::experiment() const { return *implementation_->experiment; }

const std::vector<std::string>& Session::metric_names() const {
  return implementation_->executables.at(implementation_->first_variant)->step.metrics;
}

int64_t Session::step() const { return implementation_->step; }
int64_t Session::total_steps() const { return implementation_->length.total_steps; }
double Session::epoch() const { return implementation_->epoch(); }
int64_t Session::attempt() const { return static_cast<int64_t>(implementation_->model.attempt); }
int Session::threads() const { return implementation_->pool.threads(); }
const std::string& Session::data_fingerprint() const { return implementation_->data.fingerprint; }
Workplace Session::workplace() { return implementation_->workplace(); }
ThreadPool& Session::pool() { return implementation_->pool; }
const OpenedData& Session::data() const { return implementation_->data; }
Clock Session::clock() const { return implementation_->clock(); }
void Session::run_inside_pool(const std::function<void()>& body) { implementation_->pool.run(body); }

int64_t Session::images_per_step() const {
  const int64_t batches = std::max<int64_t>(1, implementation_->counts.batches());
  return batches * experiment().data.batch;
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

double Session::steps_of(const Interval& interval) const {
  if (!interval.epochs) return interval.count;
  // Without epochs (data without end) an interval in epochs means a tenth of the training for each.
  const TrainingLength& length = implementation_->length;
  const double steps = length.steps_per_epoch.value_or(static_cast<double>(length.total_steps) / 10);
  return std::max(1.0, interval.count * steps);
}

bool Session::is_due(const Interval& interval) const {
  const double period = steps_of(interval);
  const auto events = [&](int64_t steps) { return std::floor(static_cast<double>(steps) / period + 1e-9); };
  return events(step()) > events(step() - 1);
}

const StepReport& Session::advance() {
  Implementation& self = *implementation_;
  self.counts.find_variant(self.step, self.rows_of_step(self.step), self.variant);
  StepExecutable& current = *(self.current = &self.executable(self.variant));
  self.feed(current);
  current.executable.run(static_cast<uint64_t>(self.step));
  self.report.metrics.resize(current.step.metrics.size());
  for (std::size_t i = 0; i < self.report.metrics.size(); ++i) {
    self.report.metrics[i] = current.executable.scalar_output(current.step.metrics[i]);
  }
  self.check_finite(current);
  self.report.step = ++self.step;
  return self.report;
}

SampleValues Session::sample(const SampleSpec& spec) {
  Implementation& self = *implementation_;
  std::unique_ptr<SampleExecutable>& sampler = self.samplers[fmt::format("{}/{}", spec.name, spec.count)];
  if (sampler == nullptr) {
    sampler = std::make_unique<SampleExecutable>(build_sample(*self.experiment, self.model, spec), *self.experiment,
                                                 self.model, self.data, spec, self.workplace());
    self.keep(sampler->loaded_weights());
  }
  return sampler->run(static_cast<uint64_t>(self.step), self.clock());
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
  state.counters["step"] = self.step;
  state.counters["batches"] = self.step * self.counts.batches();
  state.counters["total_steps"] = self.length.total_steps;
  state.numbers["epoch"] = self.epoch();
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
    self.current = &self.executable(self.first_variant);
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
  self.step = state.counter("step");
  self.load_epochs(state);
  if (self.loader != nullptr) self.loader->seek(state.counter("batches"));
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
