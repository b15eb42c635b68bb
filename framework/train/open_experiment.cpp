#include "train/open_experiment.hpp"

#include "base/error.hpp"
#include "model/check.hpp"
#include "spec/load.hpp"
#include "spec/read.hpp"
#include "store/run_file.hpp"
#include "train/preparation.hpp"
#include "train/watch.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

void check_evaluations(const Experiment& experiment, const OpenedData& data, const Registry& registry,
                       FeatureSources sources, Problems& problems) {
  const bool fits = problems.empty();
  for (const EvaluationSpec& evaluation : experiment.evaluations) {
    check_sides(evaluation, problems);
    if (fits) check_evaluation(experiment, evaluation, data, registry, sources, problems);
  }
}

}  // namespace

Document run_document(const fs::path& folder, const std::vector<std::string>& overrides) {
  const fs::path file = folder / "run.h5";
  if (folder.extension() == ".yaml" && fs::is_regular_file(folder)) {
    throw UserError(ExitCode::experiment, fmt::format("{} is an experiment, not a run", folder.string()),
                    fmt::format("name the folder of a run of it; 'duel train {}' makes one", folder.string()));
  }
  if (fs::exists(folder / "sweep.yaml")) {
    throw UserError(ExitCode::experiment, fmt::format("{} is a sweep, not a run", folder.string()),
                    fmt::format("name one of its runs, in {}; 'duel sweep {}' goes on with it",
                                (folder / "trials").string(), folder.string()));
  }
  if (!fs::exists(file)) {
    throw UserError(ExitCode::experiment, fmt::format("{} holds no run", folder.string()),
                    "name a folder that 'duel train' made: it has a run.h5");
  }
  const RunRecords records = read_run(file);
  const auto resolved = records.experiment.find("resolved");
  if (resolved == records.experiment.end()) {
    throw UserError(ExitCode::data, fmt::format("{} does not hold its experiment", file.string()));
  }
  return load_experiment_text(resolved->second, file.string(), overrides);
}

Document document_of(const fs::path& file_or_run, const std::vector<std::string>& overrides) {
  return fs::is_directory(file_or_run) ? run_document(file_or_run, overrides) : load_experiment(file_or_run, overrides);
}

std::shared_ptr<const Experiment> checked_experiment(const Document& document, const Registry& registry,
                                                     FeatureSources sources, OpenedData* opened) {
  Problems problems;
  auto experiment = std::make_shared<Experiment>(read_experiment(document, registry, problems));
  ModelOptions options;
  options.dtype = experiment->engine.precision;
  if (!problems.empty()) {
    check_experiment(*experiment, options, problems);
  } else {
    OpenedData data = known_data(*experiment);
    options.fields = data.fields;
    check_experiment(*experiment, options, problems);
    check_training_length(*experiment, data, problems);
    check_preparation(*experiment, data.fields, problems);
    Watch::check(*experiment, problems);
    check_evaluations(*experiment, data, registry, sources, problems);
    if (opened != nullptr) *opened = std::move(data);
  }
  problems.throw_if_any();
  return experiment;
}

}  // namespace duel
