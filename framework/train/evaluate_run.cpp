#include "train/evaluate_run.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "evaluate/stored_score.hpp"
#include "model/check.hpp"
#include "spec/read.hpp"
#include "store/evaluation_file.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"
#include "train/stored_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Of an experiment that says nothing of evaluation: its first sample against the images or points of its data.
EvaluationSpec usual_evaluation(const Experiment& experiment, const EvaluationRequest& request, const OpenedData& data,
                                const Registry& registry) {
  EvaluationSpec spec;
  spec.name = "evaluation";
  spec.path = "evaluate";
  spec.count = 1000;
  if (!experiment.samples.empty()) {
    spec.fake = experiment.samples.front().value;
    spec.range = experiment.samples.front().style.range;
  } else if (request.fake.empty()) {
    throw UserError(ExitCode::experiment, "the experiment says neither what to evaluate nor what to sample",
                    "say what with --fake, and --real");
  }
  const auto field = std::ranges::find_if(data.fields, [](const DataField& known) { return known.classes == 0; });
  if (field != data.fields.end()) {
    const bool held_out = experiment.data.test != nullptr || experiment.data.test_share > 0;
    const std::string text = fmt::format("data.{}{}", held_out ? "test." : "", field->name);
    spec.real = read_asked_expression(text, "--real", experiment, registry);
  }
  return spec;
}

// Those of the experiment that the request means, as they are written.
std::vector<EvaluationSpec> named_evaluations(const Experiment& experiment, const EvaluationRequest& request,
                                              const OpenedData& data, const Registry& registry) {
  std::vector<std::string> names;
  std::vector<EvaluationSpec> chosen;
  for (const EvaluationSpec& evaluation : experiment.evaluations) {
    names.push_back(evaluation.name);
    if (request.name.empty() || request.name == evaluation.name) chosen.push_back(evaluation);
  }
  if (chosen.empty() && !request.name.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("the experiment has no evaluation '{}'", request.name),
                    suggestion(request.name, names));
  }
  if (chosen.empty()) chosen.push_back(usual_evaluation(experiment, request, data, registry));
  return chosen;
}

// Of the overrides, those of metrics that the evaluation has. Where several are asked for, one may be of another.
std::vector<std::string> overrides_of(const EvaluationSpec& spec, const std::vector<EvaluationSpec>& all,
                                      const EvaluationRequest& request) {
  if (!request.metrics.empty() || all.size() == 1) return request.overrides;
  const auto has = [](const EvaluationSpec& one, const std::string& metric) {
    return std::ranges::find(one.metrics, metric, &MetricSpec::kind) != one.metrics.end();
  };
  std::vector<std::string> out;
  for (const std::string& text : request.overrides) {
    const std::string metric = metric_of_override(text);
    const bool of_another = std::ranges::any_of(all, [&](const EvaluationSpec& other) { return has(other, metric); });
    if (has(spec, metric) || !of_another) out.push_back(text);
  }
  return out;
}

// The evaluation with what the request says otherwise.
EvaluationSpec changed_evaluation(EvaluationSpec spec, const std::vector<std::string>& overrides,
                                  const Experiment& experiment, const EvaluationRequest& request,
                                  const Registry& registry) {
  if (!request.real.empty()) spec.real = read_asked_expression(request.real, "--real", experiment, registry);
  if (!request.fake.empty()) spec.fake = read_asked_expression(request.fake, "--fake", experiment, registry);
  if (!request.real_labels.empty()) {
    spec.real_labels = read_asked_expression(request.real_labels, "--real-labels", experiment, registry);
  }
  if (!request.fake_labels.empty()) {
    spec.fake_labels = read_asked_expression(request.fake_labels, "--fake-labels", experiment, registry);
  }
  if (!request.metrics.empty() || !overrides.empty()) {
    spec.metrics = read_asked_metrics(request.metrics, overrides, spec.metrics, registry);
  }
  if (spec.metrics.empty()) {
    throw UserError(ExitCode::experiment, "the experiment names no metrics", "say which with --metrics fid,kid");
  }
  if (request.features) spec.features = *request.features;
  spec.count = request.count.value_or(spec.count);
  spec.seed = request.seed.value_or(spec.seed);
  spec.mode = request.mode.value_or(spec.mode);
  spec.standing_statistics = request.standing_statistics.value_or(spec.standing_statistics);
  if (spec.mode == Mode::train) spec.standing_statistics = 0;  // each batch has its own
  return spec;
}

// What the request has changed is checked as the experiment's own section was.
void check_chosen(const Experiment& experiment, const EvaluationSpec& spec, const OpenedData& data,
                  const Registry& registry) {
  Problems problems;
  check_sides(spec, problems);
  if (problems.empty()) {
    check_evaluation(experiment, spec, data, registry, FeatureSources::opened, problems);
  }
  problems.throw_if_any();
}

std::vector<EvaluationSpec> chosen_evaluations(const Experiment& experiment, const EvaluationRequest& request,
                                               const OpenedData& data, const Registry& registry) {
  const std::vector<EvaluationSpec> named = named_evaluations(experiment, request, data, registry);
  std::vector<EvaluationSpec> chosen;
  for (const EvaluationSpec& spec : named) {
    chosen.push_back(changed_evaluation(spec, overrides_of(spec, named, request), experiment, request, registry));
    check_chosen(experiment, chosen.back(), data, registry);
  }
  return chosen;
}

EvaluationFile evaluation_file(const EvaluatedRun& done) {
  EvaluationFile file{done.name, done.step, time_stamp(), {}};
  for (const EvaluationRecord& record : done.records) file.scores[record.metric] = stored_score(record);
  return file;
}

std::vector<int64_t> chosen_steps(const fs::path& folder, const EvaluationRequest& request) {
  return request.every_checkpoint ? checkpoint_steps(folder / "checkpoints") : request.steps;
}

}  // namespace

void evaluate_run(const fs::path& folder, const Registry& registry, const EvaluationRequest& request,
                  const FloorCache* floors, EvaluationListener& listener) {
  OpenedData data;
  const auto experiment = checked_experiment(run_document(folder), registry, FeatureSources::left_alone, &data);
  data = whole_data(*experiment, std::move(data));
  const std::vector<EvaluationSpec> specs = chosen_evaluations(*experiment, request, data, registry);
  Session session(experiment, {request.threads, std::nullopt, SessionUse::looks, std::move(data)});
  if (const auto warning = session.data_warning()) listener.warned(*warning);
  std::vector<std::unique_ptr<Evaluation>> evaluations;  // opened with the first checkpoint's weights
  const auto evaluate_checkpoint = [&](const LoadedCheckpoint& checkpoint) {
    for (const std::string& warning : checkpoint.warnings) listener.warned(warning);
    session.load(checkpoint.state);
    for (std::size_t i = evaluations.size(); i < specs.size(); ++i) {
      evaluations.push_back(std::make_unique<Evaluation>(session, specs[i], registry, floors));
    }
    const int64_t step = session.step();
    for (const auto& evaluation : evaluations) {
      EvaluatedRun done{step, evaluation->spec().name, {}, {}};
      done.records = evaluation->run([&](int64_t now, int64_t total) { listener.evaluating(step, now, total); });
      if (request.save) {
        create_folders(folder / "evaluations");
        done.file = write_evaluation(evaluation_path(folder / "evaluations", done.name, step), evaluation_file(done));
      }
      listener.evaluated(done);
    }
  };
  const std::vector<int64_t> steps = chosen_steps(folder, request);
  if (steps.empty()) evaluate_checkpoint(chosen_checkpoint(folder, std::nullopt));
  for (const int64_t step : steps) evaluate_checkpoint(chosen_checkpoint(folder, step));
}

}  // namespace duel
