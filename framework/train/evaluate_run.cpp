#include "train/evaluate_run.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "model/check.hpp"
#include "spec/read.hpp"
#include "store/evaluation_file.hpp"
#include "train/run.hpp"
#include "train/stored_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Of an experiment that says nothing of evaluation: its first sample against the images or points of its data.
EvaluationSpec usual_evaluation(const Experiment& experiment, const EvaluationRequest& request,
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
  const OpenedData data = known_data(experiment);
  const auto field = std::ranges::find_if(data.fields, [](const DataField& known) { return known.classes == 0; });
  if (field != data.fields.end()) {
    const bool held_out = experiment.data.test != nullptr || experiment.data.test_share > 0;
    const std::string text = fmt::format("data.{}{}", held_out ? "test." : "", field->name);
    spec.real = read_asked_expression(text, "--real", experiment, registry);
  }
  return spec;
}

EvaluationSpec chosen_evaluation(const Experiment& experiment, const EvaluationRequest& request,
                                 const Registry& registry) {
  std::vector<std::string> names;
  for (const EvaluationSpec& evaluation : experiment.evaluations) names.push_back(evaluation.name);
  const auto found = request.name.empty() ? names.begin() : std::ranges::find(names, request.name);
  if (found == names.end() && !request.name.empty()) {
    throw UserError(ExitCode::experiment, fmt::format("the experiment has no evaluation '{}'", request.name),
                    suggestion(request.name, names));
  }
  EvaluationSpec spec = names.empty() ? usual_evaluation(experiment, request, registry)
                                      : experiment.evaluations[static_cast<std::size_t>(found - names.begin())];
  if (!request.real.empty()) spec.real = read_asked_expression(request.real, "--real", experiment, registry);
  if (!request.fake.empty()) spec.fake = read_asked_expression(request.fake, "--fake", experiment, registry);
  if (!request.metrics.empty()) spec.metrics = request.metrics;
  if (spec.metrics.empty()) {
    throw UserError(ExitCode::experiment, "the experiment names no metrics", "say which with --metrics fid,kid");
  }
  if (request.features) spec.features = *request.features;
  spec.count = request.count.value_or(spec.count);
  spec.seed = request.seed.value_or(spec.seed);
  spec.mode = request.mode.value_or(spec.mode);
  return spec;
}

// What the request has changed is checked as the experiment's own section was.
void check_chosen(const Experiment& experiment, const EvaluationSpec& spec, const Registry& registry) {
  Problems problems;
  check_sides(spec, problems);
  if (problems.empty()) {
    check_evaluation(experiment, spec, open_data(experiment), registry, FeatureSources::opened, problems);
  }
  problems.throw_if_any();
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
  const auto experiment = checked_experiment(run_document(folder), registry);
  const EvaluationSpec spec = chosen_evaluation(*experiment, request, registry);
  check_chosen(*experiment, spec, registry);
  Session session(experiment, {request.threads, std::nullopt, SessionUse::looks});
  if (const auto warning = session.data_warning()) listener.warned(*warning);
  std::optional<Evaluation> evaluation;  // opened with the first checkpoint's weights
  const auto evaluate_checkpoint = [&](const LoadedCheckpoint& checkpoint) {
    for (const std::string& warning : checkpoint.warnings) listener.warned(warning);
    session.load(checkpoint.state);
    if (!evaluation) evaluation.emplace(session, spec, registry, floors);
    const int64_t step = session.step();
    EvaluatedRun done{step, spec.name, {}, {}};
    done.records = evaluation->run([&](int64_t now, int64_t total) { listener.evaluating(step, now, total); });
    if (request.save) {
      create_folders(folder / "evaluations");
      done.file = free_evaluation_path(folder / "evaluations", spec.name, step);
      write_evaluation(done.file, evaluation_file(done));
    }
    listener.evaluated(done);
  };
  const std::vector<int64_t> steps = chosen_steps(folder, request);
  if (steps.empty()) evaluate_checkpoint(chosen_checkpoint(folder, std::nullopt));
  for (const int64_t step : steps) evaluate_checkpoint(chosen_checkpoint(folder, step));
}

}  // namespace duel
