#include "train/executables.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.hpp"
#include "graph/verify.hpp"
#include "model/turns.hpp"

namespace duel {
namespace {

int64_t physical_memory() { return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE); }

// The plan, refused before anything is allocated when it does not fit.
Plan checked_plan(const Graph& graph, std::optional<int64_t> memory_limit) {
#ifdef DUEL_ASSERTIONS
  verify_graph(graph);
#endif
  Plan plan = make_plan(graph);
#ifdef DUEL_ASSERTIONS
  verify_plan(plan);
#endif
  const int64_t limit = memory_limit.value_or(physical_memory());
  if (plan.peak_bytes() > limit) {
    throw UserError(ExitCode::experiment,
                    fmt::format("a step needs {}, and {} is {}", format_bytes(static_cast<uint64_t>(plan.peak_bytes())),
                                memory_limit ? "the memory limit" : "this machine's memory",
                                format_bytes(static_cast<uint64_t>(limit))),
                    "make the batch or the networks smaller");
  }
  return plan;
}

// Gives the variables that the store does not have yet their first values.
std::vector<LoadedWeights> start_variables(const StepGraph& step, uint64_t seed, DType dtype, const Workplace& place) {
  VariableStore& variables = place.variables;
  std::vector<LoadedWeights> loaded = load_weights(step.variables, dtype, variables);
  for (const VariableStart& start : step.variables) {
    if (variables.find(start.name) != nullptr) continue;
    if (place.others == Workplace::Others::refused && !start.is_state_of_value) fail_unknown(start);
    variables.declare({start.name, start.shape, dtype});
    std::vector<double> values(static_cast<std::size_t>(start.shape.elements()), start.constant);
    if (start.initializer != nullptr) {
      RandomStream random(stream_key(seed, 0, "initialize/" + start.stream));
      start.initializer->fill(values, start.shape, start.fans, random);
    }
    variables.write(start.name, values);
  }
  return loaded;
}

Executable make_executable(const StepGraph& step, uint64_t seed, const Workplace& place,
                           std::vector<LoadedWeights>& loaded_weights) {
  Plan plan = checked_plan(step.graph, place.memory_limit);
  loaded_weights = start_variables(step, seed, step.graph.dtype(), place);
  return Executable(std::move(plan), place.variables, place.pool);
}

const Shape& output_shape(const Executable& executable, const std::string& output) {
  const auto& outputs = executable.plan().outputs;
  const auto found = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const OutputSlot& candidate) { return candidate.slot.name == output; });
  DUEL_CHECK(found != outputs.end(), "no output '{}'", output);
  return found->slot.shape;
}

}  // namespace

void fail_unknown(const VariableStart& start) {
  const bool is_average = start.name.starts_with("averages/");
  throw UserError(ExitCode::experiment,
                  fmt::format("the checkpoint holds no {} {}", start.name, to_string(start.shape)),
                  is_average ? "the run kept no such average: its experiment must say so in `averages:`"
                             : "the run did not train it: name a network that it did, or one with `weights:`");
}

StepExecutable::StepExecutable(StepGraph graph, uint64_t seed, const Workplace& place)
    : step(std::move(graph)), executable(make_executable(step, seed, place, loaded_weights)) {
  step.graph = Graph(step.graph.dtype());
}

void StepExecutable::FieldInput::write(const Batch& batch) const {
  const std::span<const float> values = batch.fields[field];
  if (dtype == DType::float32) {
    std::memcpy(memory, values.data(), values.size_bytes());
  } else {
    std::copy(values.begin(), values.end(), reinterpret_cast<double*>(memory));
  }
}

void StepExecutable::NumberInput::write(double number) const {
  if (dtype == DType::float32) {
    *reinterpret_cast<float*>(memory) = static_cast<float>(number);
  } else {
    *reinterpret_cast<double*>(memory) = number;
  }
}

void StepExecutable::read_results(int64_t at_step, std::vector<double>& metrics) const {
  std::ranges::fill(metrics, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < step.metrics.size(); ++i) {
    const double value = executable.scalar_output(step.metrics[i]);
    if (!std::isfinite(value)) throw Divergence(at_step, fmt::format("{} is {}", step.metrics[i], value));
    metrics[metric_places[i]] = value;
  }
  double sum = 0;
  int64_t elements = 0;
  for (std::size_t i = 0; i < step.checks.size(); ++i) {
    const GradientCheck& check = step.checks[i];
    const double magnitude = executable.scalar_output(check.output);
    if (!std::isfinite(magnitude)) {
      throw Divergence(at_step, fmt::format("player {}: the gradient of {} is not finite", check.player, check.weight));
    }
    const bool begins = i == 0 || step.checks[i - 1].turn != check.turn;
    sum = begins ? magnitude : sum + magnitude;
    elements = begins ? check.elements : elements + check.elements;
    // Of a loss that is played several times, the last one stays.
    if (gradient_places[i] < metrics.size()) metrics[gradient_places[i]] = sum / static_cast<double>(elements);
  }
}

void StepExecutable::bind(const Experiment& experiment, const std::vector<DataField>& data_fields) {
  const DType dtype = executable.plan().dtype;
  for (const DataInput& input : step.data) {
    std::byte* memory = executable.find_input(input.input);
    if (memory == nullptr) continue;  // nothing that is computed reads it
    const auto field = std::find_if(data_fields.begin(), data_fields.end(),
                                    [&](const DataField& candidate) { return candidate.name == input.field; });
    fields.push_back({input.draw, static_cast<std::size_t>(field - data_fields.begin()), input.test, dtype, memory});
  }
  for (const HostNumber& number : step.numbers) {
    std::byte* memory = executable.find_input(number.input);
    if (memory == nullptr) continue;
    const PlayerSpec* player = number.player.empty() ? nullptr : experiment.find_player(number.player);
    numbers.push_back({number.value, player, number.updates_before, dtype, memory});
  }
  const std::vector<std::string> recorded = recorded_names(experiment);
  const auto place = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(recorded, name) - recorded.begin());
  };
  for (const std::string& metric : step.metrics) metric_places.push_back(place(metric));
  for (const GradientCheck& check : step.checks) {
    const bool hidden = std::ranges::find(step.metrics, check.series) != step.metrics.end();
    gradient_places.push_back(hidden ? recorded.size() : place(check.series));
  }
}

namespace {

bool depends_on_data_alone(const StepGraph& graph) {
  if (!graph.variables.empty() || !graph.numbers.empty()) return false;
  for (std::size_t node = 0; node < graph.graph.size(); ++node) {
    if (graph.graph[NodeId{static_cast<uint32_t>(node)}].op->kind == OpKind::random) return false;
  }
  return true;
}

}  // namespace

ValueExecutable::ValueExecutable(StepGraph graph, const Experiment& experiment, const OpenedData& data,
                                 const Feed& feed, const Workplace& place)
    : constant_(depends_on_data_alone(graph)), step_(std::move(graph), experiment.seed, place) {
  step_.bind(experiment, data.fields);
  open_loaders(experiment, data, feed);
}

void ValueExecutable::open_loaders(const Experiment& experiment, const OpenedData& data, const Feed& feed) {
  const auto reads = [&](bool test) {
    return std::ranges::any_of(step_.fields, [&](const auto& field) { return field.test == test; });
  };
  if (reads(false)) {
    LoaderOptions options = feed.training;
    options.batch = feed.rows;
    options.last = LastBatch::keep;
    options.prefetch = 0;
    training_ = at_data(experiment, [&] { return std::make_unique<Loader>(data.dataset, options); });
  }
  if (reads(true)) test_ = make_test_loader(experiment, data, feed.rows);
  for (const Loader* loader : {training_.get(), test_.get()}) {
    const auto examples = loader != nullptr ? loader->examples() : std::nullopt;
    if (!examples || *examples >= feed.examples) continue;
    throw UserError(ExitCode::experiment, Problem{feed.where,
                                                  feed.path,
                                                  fmt::format("{} examples are asked for, the {} has {}", feed.examples,
                                                              loader == test_.get() ? "test data" : "data", *examples),
                                                  "make `count` smaller",
                                                  {}});
  }
}

void ValueExecutable::run(uint64_t noise, int64_t batch, const Clock& clock) {
  for (Loader* loader : {training_.get(), test_.get()}) {
    if (loader == nullptr) continue;
    loader->seek(batch);
    const Batch& examples = loader->next();
    for (const StepExecutable::FieldInput& input : step_.fields) {
      if (input.test == (loader == test_.get())) input.write(examples);
    }
  }
  for (const StepExecutable::NumberInput& number : step_.numbers) number.write(number.value(clock));
  step_.executable.run(noise);
}

const Shape& ValueExecutable::shape(const std::string& output) const { return output_shape(step_.executable, output); }

HostTensor ValueExecutable::output(const std::string& name) const {
  return {shape(name), step_.executable.read_output(name)};
}

}  // namespace duel
