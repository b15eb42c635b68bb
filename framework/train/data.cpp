#include "graph/op.hpp"
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
  options.transforms = data.transforms;
  return options;
}

OpenedData open_data(const Experiment& experiment) {
  if (experiment.data.train == nullptr) return {};
  OpenedData out;
  out.dataset = experiment.data.train->open();
  out.fields = transformed(experiment, out.dataset->fields());
  out.fingerprint = out.dataset->fingerprint();
  return out;
}

std::vector<DataField> data_fields(const Experiment& experiment) {
  if (experiment.data.train == nullptr) return {};
  const auto known = experiment.data.train->known_fields();
  return known ? transformed(experiment, *known) : open_data(experiment).fields;
}

}  // namespace duel
