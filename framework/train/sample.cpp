#include "train/sample.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "graph/op.hpp"
#include "spec/read.hpp"
#include "train/sample_executable.hpp"
#include "train/stored_run.hpp"

namespace duel {
namespace {

bool uses_data(const Experiment& experiment, const Expression& expression, std::set<std::string>& seen) {
  if (expression.kind == Expression::Kind::member && expression.children[0].dotted() == "data") return true;
  if (expression.kind == Expression::Kind::name && seen.insert(expression.name).second) {
    const ValueSpec* value = experiment.find_value(expression.name);
    if (value != nullptr && uses_data(experiment, value->expression, seen)) return true;
  }
  for (const Expression& child : expression.children) {
    if (uses_data(experiment, child, seen)) return true;
  }
  for (const Expression::Argument& argument : expression.named) {
    if (uses_data(experiment, argument.value, seen)) return true;
  }
  return false;
}

SampleSpec chosen_sample(const Experiment& experiment, const Registry& registry, const SampleRequest& request) {
  if (experiment.samples.empty()) {
    throw UserError(ExitCode::experiment, "the experiment has no `sample:` section",
                    "name a value with --value, after adding a sample to the experiment: sample=[{value: fake}]");
  }
  std::vector<std::string> names;
  for (const SampleSpec& sample : experiment.samples) names.push_back(sample.name);
  const auto found = request.name.empty() ? names.begin() : std::find(names.begin(), names.end(), request.name);
  if (found == names.end()) {
    throw UserError(ExitCode::experiment, fmt::format("the experiment has no sample '{}'", request.name),
                    suggestion(request.name, names));
  }
  SampleSpec spec = experiment.samples[static_cast<std::size_t>(found - names.begin())];
  if (!request.value.empty()) {
    spec.where = {};
    spec.path = "--value";
    spec.value = read_asked_expression(request.value, "--value", experiment, registry);
  }
  spec.count = request.count.value_or(spec.count);
  spec.mode = request.mode.value_or(spec.mode);
  spec.standing_statistics = request.standing_statistics.value_or(spec.standing_statistics);
  if (spec.mode == Mode::train) spec.standing_statistics = 0;  // the statistics of the batch itself are taken
  if (request.count && !request.columns) spec.style.columns = 0;
  if (request.columns) spec.style.columns = *request.columns;
  spec.fixed_latent = true;
  return spec;
}

}  // namespace

Picture render_sample(const SampleSpec& spec, const SampleValues& values) {
  try {
    return spec.plot->render(values.samples, values.reference ? &*values.reference : nullptr, spec.style);
  } catch (const ShapeError& error) {
    throw UserError(ExitCode::experiment, Problem{spec.where, spec.path, error.what(), {}, {}});
  }
}

DrawnSample draw_sample(const std::filesystem::path& run, const Registry& registry, const SampleRequest& request) {
  StoredRun stored = open_run(run, registry, request.step);
  Experiment& experiment = stored.experiment;
  const SampleSpec spec = chosen_sample(experiment, registry, request);
  if (request.seed) experiment.seed = *request.seed;

  std::set<std::string> seen;
  const bool needs_data =
      uses_data(experiment, spec.value, seen) || (spec.reference && uses_data(experiment, *spec.reference, seen));
  const OpenedData data = needs_data ? open_data(experiment) : OpenedData{};
  ModelOptions model;
  model.dtype = experiment.engine.precision;
  model.fields = data.fields;
  ThreadPool pool(request.threads != 0 ? request.threads : static_cast<int>(experiment.engine.threads));
  VariableStore variables;
  StepGraph graph = build_sample(experiment, model, spec);
  load_variables(graph, stored.state, variables);
  std::optional<StepGraph> references = build_reference(experiment, model, spec);
  if (references) load_variables(*references, stored.state, variables);
  SampleExecutable executable(std::move(graph), std::move(references), experiment, model, data, spec,
                              {variables, pool, experiment.engine.memory, Workplace::Others::refused});
  const CheckpointState& state = stored.state;
  if (!state.numbers.contains("epoch")) {  // kept since values may follow a schedule
    throw UserError(
        ExitCode::data, fmt::format("{}: an older duel wrote it", stored.file.string()),
        fmt::format("duel resume {} train.steps=… trains on and writes one that can be sampled", run.string()));
  }
  const Clock clock{state.counter("step"), state.counter("total_steps"), state.number("epoch"), 0};
  DrawnSample out{clock.step, executable.run(0, clock), {}, model.dtype, stored.warnings};
  if (const auto warning = data_warning(data)) out.warnings.push_back(*warning);
  out.picture = render_sample(spec, out.values);
  return out;
}

}  // namespace duel
