#include <cmath>

#include "graph/op.hpp"
#include "model/turns.hpp"
#include "train/executables.hpp"

namespace duel {
namespace {

std::vector<DataField> transformed(const Experiment& experiment, std::vector<Field> fields) {
  const DataSpec& data = experiment.data;
  for (std::size_t i = 0; i < data.transforms.size(); ++i) {
    try {
      fields = data.transforms[i]->fields(fields);
    } catch (const ShapeError& error) {
      throw UserError(ExitCode::experiment,
                      Problem{data.transform_places[i], fmt::format("data.transform[{}]", i), error.what(), {}, {}});
    }
  }
  std::vector<DataField> out;
  for (const Field& field : fields) out.push_back({field.name, field.shape, field.classes});
  return out;
}

}  // namespace

LoaderOptions loader_options(const Experiment& experiment) {
  const DataSpec& data = experiment.data;
  LoaderOptions options;
  options.batch = data.batch;
  options.order = data.order == "shuffled"     ? Order::shuffled
                  : data.order == "sequential" ? Order::sequential
                                               : Order::replacement;
  options.last = data.last == "keep" ? LastBatch::keep : LastBatch::drop;
  options.seed = experiment.seed;
  options.test_share = data.test_share;
  options.split_seed = static_cast<uint64_t>(data.split_seed);
  options.split_by = data.split_by_content ? SplitBy::content : SplitBy::index;
  options.transforms = data.transforms;
  return options;
}

void rethrow_at_data(const Experiment& experiment, const UserError& error) {
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    const std::string file = to_string(problem.where);
    if (!file.empty()) problem.what = fmt::format("{}: {}", file, problem.what);
    problem.where = experiment.data.train_where;
    problem.path = "data.train";
  }
  throw UserError(error.code(), std::move(problems));
}

OpenedData open_data(const Experiment& experiment) {
  if (experiment.data.train == nullptr) return {};
  const DataSpec& data = experiment.data;
  if (data.skip_bad_files && !data.train->has_separate_files()) {
    throw UserError(ExitCode::experiment, Problem{data.on_bad_file_where,
                                                  "data.on_bad_file",
                                                  "the data is not made of files that could be left out one by one",
                                                  "leave it away",
                                                  {}});
  }
  OpenedData out;
  out.dataset = at_data(experiment, [&] { return data.train->open({.skip_bad_files = data.skip_bad_files}); });
  out.fields = transformed(experiment, out.dataset->fields());
  out.fingerprint = out.dataset->fingerprint();
  return out;
}

std::optional<std::string> data_warning(const OpenedData& data) {
  const auto skipped = data.dataset != nullptr ? data.dataset->skipped_files() : std::vector<Problem>{};
  if (skipped.empty()) return std::nullopt;
  return fmt::format("{} bad file{} left out of the data; the first: {}", skipped.size(),
                     skipped.size() == 1 ? " is" : "s are", to_string(skipped.front()));
}

OpenedData known_data(const Experiment& experiment) {
  if (experiment.data.train == nullptr || experiment.train.epochs) return open_data(experiment);
  const auto known = experiment.data.train->known_fields();
  if (!known) return open_data(experiment);
  return {nullptr, transformed(experiment, *known), {}};
}

TrainingLength training_length(const Experiment& experiment, const Loader* loader) {
  experiment.require_training();
  const TrainSpec& train = experiment.train;
  const int64_t batches = StepCounts(experiment).batches();
  const auto epoch = loader != nullptr ? loader->batches_per_epoch() : std::nullopt;
  TrainingLength out;
  if (epoch) out.steps_per_epoch = static_cast<double>(*epoch) / static_cast<double>(batches);
  if (!train.steps && !epoch) {
    throw UserError(
        ExitCode::experiment,
        Problem{
            train.epochs_where, "train.epochs", "the data has no end, so there are no epochs", "give train.steps", {}});
  }
  out.total_steps =
      train.steps ? *train.steps : std::max<int64_t>(1, std::llround(*train.epochs * *out.steps_per_epoch));
  const bool reaches_end = epoch && out.total_steps * batches >= *epoch;
  if (reaches_end && batches > 1 && *epoch > 1 && loader->rows(*epoch - 1) != loader->rows(0)) {
    throw UserError(ExitCode::experiment,
                    Problem{experiment.data.where,
                            "data.last",
                            "a step that repeats turns needs batches of one size, and the last of an epoch is smaller",
                            "set data.last: drop",
                            {}});
  }
  return out;
}

void check_training_length(const Experiment& experiment, const OpenedData& data, Problems& problems) {
  if (!experiment.trains()) return;
  if (experiment.data.train != nullptr && data.dataset == nullptr) return;  // its size does not matter
  try {
    std::unique_ptr<Loader> loader;
    if (data.dataset != nullptr) loader = make_loader(experiment, data.dataset);
    training_length(experiment, loader.get());
  } catch (const UserError& error) {
    for (const Problem& problem : error.problems()) problems.add(problem);
  }
}

std::unique_ptr<Loader> make_loader(const Experiment& experiment, std::shared_ptr<const Dataset> dataset) {
  return at_data(experiment, [&] { return std::make_unique<Loader>(std::move(dataset), loader_options(experiment)); });
}

}  // namespace duel
