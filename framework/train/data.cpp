#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/parallel.hpp"
#include "data/order.hpp"
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
  out.reserve(fields.size());
  for (const Field& field : fields) out.push_back({field.name, field.shape, field.classes});
  return out;
}

bool has_separate_files(const std::shared_ptr<const DatasetSource>& source) {
  return source != nullptr && source->has_separate_files();
}

// The data set that data.test names, which must have what the training has, if there is any.
std::shared_ptr<const Dataset> open_test_data(const Experiment& experiment, const Dataset* training) {
  const DataSpec& data = experiment.data;
  std::shared_ptr<const Dataset> test;
  try {
    const bool skip = data.skip_bad_files && has_separate_files(data.test);
    test = data.test->open({.skip_bad_files = skip});
  } catch (const UserError& error) {
    rethrow_at(data.test_where, "data.test", error);
  }
  const auto text = [](const std::vector<Field>& fields) {
    std::vector<std::string> parts;
    parts.reserve(fields.size());
    for (const Field& field : fields) parts.push_back(fmt::format("{} {}", field.name, to_string(field.shape)));
    return fmt::format("{}", fmt::join(parts, ", "));
  };
  if (training != nullptr && text(test->fields()) != text(training->fields())) {
    throw UserError(ExitCode::data, Problem{data.test_where,
                                            "data.test",
                                            fmt::format("it has the fields {}, and data.train has {}",
                                                        text(test->fields()), text(training->fields())),
                                            "give data of the same kind and size",
                                            {}});
  }
  return test;
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

OpenedData open_data(const Experiment& experiment) {
  const DataSpec& data = experiment.data;
  if (data.train == nullptr && data.test == nullptr) return {};
  if (data.skip_bad_files && !has_separate_files(data.train) && !has_separate_files(data.test)) {
    throw UserError(ExitCode::experiment, Problem{data.on_bad_file_where,
                                                  "data.on_bad_file",
                                                  "the data is not made of files that could be left out one by one",
                                                  "leave it away",
                                                  {}});
  }
  OpenedData out;
  if (data.train != nullptr) {
    const bool skip = data.skip_bad_files && has_separate_files(data.train);
    out.dataset = at_data(experiment, [&] { return data.train->open({.skip_bad_files = skip}); });
    out.fingerprint = out.dataset->fingerprint();
  }
  if (data.test != nullptr) out.test = open_test_data(experiment, out.dataset.get());
  out.fields = transformed(experiment, (out.dataset != nullptr ? out.dataset : out.test)->fields());
  return out;
}

std::unique_ptr<Loader> make_test_loader(const Experiment& experiment, const OpenedData& data, int64_t rows) {
  LoaderOptions options = loader_options(experiment);
  options.batch = rows;
  options.order = Order::sequential;
  options.last = LastBatch::keep;
  options.augment = false;
  options.prefetch = 1;
  if (data.test != nullptr) {
    options.test_share = 0;
  } else {
    options.test = true;
  }
  return at_data(experiment,
                 [&] { return std::make_unique<Loader>(data.test != nullptr ? data.test : data.dataset, options); });
}

std::optional<std::string> data_warning(const OpenedData& data) {
  std::vector<Problem> skipped;
  for (const auto& dataset : {data.dataset, data.test}) {
    if (dataset == nullptr) continue;
    for (Problem& file : dataset->skipped_files()) skipped.push_back(std::move(file));
  }
  if (skipped.empty()) return std::nullopt;
  return fmt::format("{} bad file{} left out of the data; the first: {}", skipped.size(),
                     skipped.size() == 1 ? " is" : "s are", to_string(skipped.front()));
}

std::optional<std::string> leakage_warning(const Experiment& experiment, const OpenedData& data) {
  if (data.dataset == nullptr) return std::nullopt;
  LoaderOptions options = loader_options(experiment);
  options.order = Order::sequential;
  options.last = LastBatch::keep;
  options.batch = 1;
  const auto keys_of = [&](const Dataset& dataset, bool test, double share) {
    options.test = test;
    options.test_share = share;
    const ExampleOrder order(dataset, options);
    std::vector<uint64_t> keys(static_cast<std::size_t>(*order.examples()));
    for_tiles(std::ssize(keys), [&](int64_t i) {
      int64_t index = 0;
      order.indices(i, std::span(&index, 1));
      keys[static_cast<std::size_t>(i)] = dataset.content_key(index);
    });
    return keys;
  };
  const bool apart = data.test != nullptr;
  const Dataset& test = apart ? *data.test : *data.dataset;
  if (!data.dataset->size() || !test.size()) return std::nullopt;  // drawn anew each time
  const auto tested = keys_of(test, !apart, apart ? 0 : experiment.data.test_share);
  const auto trained = keys_of(*data.dataset, false, experiment.data.test_share);
  const std::unordered_set<uint64_t> known(trained.begin(), trained.end());
  const auto leaked = std::ranges::count_if(tested, [&](uint64_t key) { return known.contains(key); });
  if (leaked == 0) return std::nullopt;
  return fmt::format("{} of the {} examples of data.test are also among those that train", leaked, tested.size());
}

std::optional<int64_t> examples_for_evaluation(const Experiment& experiment, const OpenedData& data, bool test) {
  const bool apart = test && data.test != nullptr;
  const Dataset* dataset = apart ? data.test.get() : data.dataset.get();
  if (dataset == nullptr) return std::nullopt;
  if (apart) return dataset->size();
  if (experiment.data.test_share == 0 && dataset->size()) return test ? 0 : *dataset->size();
  LoaderOptions options = loader_options(experiment);
  options.order = Order::sequential;
  options.last = LastBatch::keep;
  options.test = test;
  return at_data(experiment, [&] { return ExampleOrder(*dataset, options).examples(); });
}

OpenedData known_data(const Experiment& experiment) {
  const bool size_matters = experiment.train.counts_epochs() || !experiment.evaluations.empty();
  if (experiment.data.train == nullptr || size_matters) return open_data(experiment);
  const auto known = experiment.data.train->known_fields();
  if (!known) return open_data(experiment);
  return {nullptr, nullptr, transformed(experiment, *known), {}};
}

OpenedData whole_data(const Experiment& experiment, OpenedData known) {
  const bool lacks_it = known.dataset == nullptr && experiment.data.train != nullptr;
  return lacks_it ? open_data(experiment) : std::move(known);
}

TrainingLength training_length(const Experiment& experiment, const Loader* loader) {
  experiment.require_training();
  const auto epoch = loader != nullptr ? loader->batches_per_epoch() : std::nullopt;
  TrainingLength out;
  int64_t total_batches = 0, most_batches = 0;
  for (std::size_t phase = 0; phase < experiment.train.phases.size(); ++phase) {
    const PhaseSpec& spec = experiment.train.phases[phase];
    const int64_t batches = batches_of_step(experiment, phase);
    if (epoch) out.steps_per_epoch.push_back(static_cast<double>(*epoch) / static_cast<double>(batches));
    if (!spec.steps && !epoch) {
      throw UserError(ExitCode::experiment, Problem{spec.epochs_where,
                                                    spec.path + ".epochs",
                                                    "the data has no end, so there are no epochs",
                                                    fmt::format("give {}.steps", spec.path),
                                                    {}});
    }
    const int64_t steps =
        spec.steps ? *spec.steps : std::max<int64_t>(1, std::llround(*spec.epochs * out.steps_per_epoch.back()));
    out.phase_steps.push_back(steps);
    out.total_steps += steps;
    total_batches += steps * batches;
    most_batches = std::max(most_batches, batches);
  }
  const bool reaches_end = epoch && total_batches >= *epoch;
  if (reaches_end && most_batches > 1 && *epoch > 1 && loader->rows(*epoch - 1) != loader->rows(0)) {
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
  collect(problems, [&] {
    std::unique_ptr<Loader> loader;
    if (data.dataset != nullptr) loader = make_loader(experiment, data.dataset);
    training_length(experiment, loader.get());
  });
}

std::unique_ptr<Loader> make_loader(const Experiment& experiment, std::shared_ptr<const Dataset> dataset) {
  return at_data(experiment, [&] { return std::make_unique<Loader>(std::move(dataset), loader_options(experiment)); });
}

}  // namespace duel
