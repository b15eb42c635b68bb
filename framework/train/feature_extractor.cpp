#include "train/feature_extractor.hpp"

#include <algorithm>
#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "graph/op.hpp"
#include "spec/read.hpp"
#include "train/executables.hpp"
#include "train/open_experiment.hpp"
#include "train/preparation.hpp"
#include "train/run.hpp"
#include "train/stored_run.hpp"
#include "train/weights_source.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

constexpr int64_t rows_at_once = 50;

[[noreturn]] void fail_features(const FeatureSpec& spec, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::experiment, Problem{spec.where, spec.path, what, remedy, {}});
}

const NetworkSpec& chosen_network(const Experiment& experiment, const FeatureSpec& spec) {
  std::vector<std::string> names;
  for (const NetworkSpec& network : experiment.networks) names.push_back(network.name);
  if (spec.network.empty()) {
    if (names.size() == 1) return experiment.networks.front();
    fail_features(spec, fmt::format("{} has the networks {}", experiment.name, fmt::join(names, ", ")),
                  "say which by `network`");
  }
  const NetworkSpec* network = experiment.find_network(spec.network);
  if (network == nullptr) {
    fail_features(spec, fmt::format("{} has no network '{}'", experiment.name, spec.network),
                  suggestion(spec.network, names));
  }
  return *network;
}

// Runs `work`, which looks at another experiment: its errors are told at the place that names it.
template <class Work>
decltype(auto) at_features(const FeatureSpec& spec, Work&& work) {
  try {
    return work();
  } catch (const UserError& error) {
    const auto is_here = [&](const Problem& problem) { return problem.where == spec.where; };
    if (std::ranges::all_of(error.problems(), is_here)) throw;
    rethrow_at(spec.where, spec.path, error);
  }
}

// The experiment that has the network: of a run folder, or in a file.
std::shared_ptr<Experiment> open_experiment(const FeatureSpec& spec, const Registry& registry) {
  const bool is_run = std::filesystem::is_directory(spec.from);
  if (!is_run && !std::filesystem::exists(spec.from)) {
    fail_features(spec, fmt::format("there is no run and no experiment '{}'", spec.from.string()),
                  "train a classifier: experiments/features/ has some");
  }
  if (!is_run && spec.step) {
    fail_features(spec, fmt::format("there is a step only of a run, and '{}' is a file", spec.from.string()),
                  "name a run folder, or leave `step` away");
  }
  Problems problems;
  const Document document = is_run ? run_document(spec.from) : load_document(spec.from);
  auto experiment = std::make_shared<Experiment>(read_experiment(document, registry, problems));
  problems.throw_if_any();
  if (is_run) require_checkpoint(spec.from, spec.step);
  return experiment;
}

// The network up to the layer.
StepGraph features_graph(const Experiment& experiment, const FeatureSpec& spec) {
  ModelOptions model;
  model.dtype = experiment.engine.precision;
  return at_features(spec, [&] {
    return build_features(experiment, model, chosen_network(experiment, spec), spec.layer, rows_at_once);
  });
}

// An experiment file has no weights of its own: what its network does not read from elsewhere would be drawn at random.
void check_origin_of_weights(const StepGraph& graph, const FeatureSpec& spec) {
  std::set<const WeightsSpec*> checked;
  for (const VariableStart& start : graph.variables) {
    if (start.weights == nullptr) {
      fail_features(
          spec, fmt::format("{} gives no weights to its network: {} would be random", spec.from.string(), start.name),
          "name the folder of a run that trained it, or give the network `weights:`");
    }
    if (!checked.insert(start.weights.get()).second) continue;
    try {
      require_weights(*start.weights);
    } catch (const UserError& missing) {  // like a run that is missing: a mistake of what names it
      at_features(spec, [&] { throw UserError(ExitCode::experiment, missing.problems()); });
    }
  }
}

// Images 0 … 255 in, what the network takes out.
class Preprocessing {
 public:
  // The transforms of the network's own experiment.
  explicit Preprocessing(const DataSpec& data)
      : transforms_(data.transforms), text_(fmt::format("{}", fmt::join(data.transform_texts, ", "))) {}
  explicit Preprocessing(std::array<double, 2> range)
      : scale_((range[1] - range[0]) / 255), shift_(range[0]), text_(fmt::format("[{}, {}]", range[0], range[1])) {}

  const std::string& text() const { return text_; }

  // Of images of this shape for a network of so many channels. Throws ShapeError.
  Preparation of(Shape image, int64_t channels) const {
    if (image[2] == 1 && channels > 1) image[2] = channels;
    return {transforms_, image};
  }

  // The pixels as `preparation` takes them: grey ones repeated for each of `elements`.
  std::vector<float> pixels(std::span<const uint8_t> image, std::size_t elements) const {
    const std::size_t repeats = elements / image.size();
    std::vector<float> values(elements);
    for (std::size_t i = 0; i < elements; ++i) {
      values[i] = static_cast<float>(static_cast<double>(image[i / repeats]) * scale_ + shift_);
    }
    return values;
  }

 private:
  Preparation::Transforms transforms_;
  double scale_ = 1, shift_ = 0;
  std::string text_;
};

int64_t channels_of(const NetworkSpec& network) {
  const Shape& input = network.inputs.front().second;
  return input.rank() == 3 ? input[2] : 1;
}

// Throws UserError(ExitCode::experiment) for images that the network does not take.
void check_fit(const Experiment& experiment, const NetworkSpec& network, const Preprocessing& preprocessing,
               const Shape& image) {
  const Shape& wanted = network.inputs.front().second;
  std::string trouble;
  try {
    const Shape given = preprocessing.of(image, channels_of(network)).shape();
    if (given == wanted) return;
    trouble =
        fmt::format("images {} become {}, and it takes {}", to_string(image), to_string(given), to_string(wanted));
  } catch (const ShapeError& error) {
    trouble = error.what();
  }
  throw UserError(ExitCode::experiment, fmt::format("{}/{}: {}", experiment.name, network.name, trouble),
                  "choose a network that was trained on such images, or one with a `resize` in its data.transform");
}

// A damaged newest checkpoint is not passed over: features would be other ones than the user thinks.
CheckpointState feature_state(const FeatureSpec& spec) {
  const auto step = spec.step ? spec.step : checkpoint_steps(spec.from / "checkpoints").back();
  return chosen_checkpoint(spec.from, step).state;
}

}  // namespace

struct FeatureCheck::Implementation {
  FeatureSpec spec;
  std::shared_ptr<const Experiment> experiment;  // that has the network
  const NetworkSpec* network = nullptr;
  Preprocessing preprocessing;
  Shape shape;
};

FeatureCheck::FeatureCheck(const FeatureSpec& spec, const Experiment& asking, const Registry& registry,
                           std::array<double, 2> range) {
  const bool own = spec.from.empty();
  std::shared_ptr<const Experiment> experiment(&asking, [](const Experiment*) {});
  if (!own) experiment = at_features(spec, [&] { return open_experiment(spec, registry); });
  const StepGraph graph = features_graph(*experiment, spec);
  if (!own && !std::filesystem::is_directory(spec.from)) check_origin_of_weights(graph, spec);
  implementation_ =
      std::make_unique<Implementation>(spec, experiment, &chosen_network(*experiment, spec),
                                       own ? Preprocessing(range) : Preprocessing(experiment->data),
                                       graph.graph[graph.graph.outputs().front().node].shape.without_first());
}
FeatureCheck::~FeatureCheck() = default;

const Shape& FeatureCheck::shape() const { return implementation_->shape; }

void FeatureCheck::check_images(const Shape& image) const {
  const Implementation& self = *implementation_;
  at_features(self.spec, [&] { check_fit(*self.experiment, *self.network, self.preprocessing, image); });
}

struct FeatureExtractor::Implementation {
  Implementation(std::shared_ptr<const Experiment> owner, const FeatureSpec& spec, Preprocessing given,
                 const Workplace& place)
      : experiment(std::move(owner)),
        network(chosen_network(*experiment, spec)),
        name(fmt::format("{}/{}/{}", experiment->name, network.name, spec.layer.empty() ? "output" : spec.layer)),
        preprocessing(std::move(given)),
        store(place.variables),
        pool(place.pool) {
    StepGraph graph = features_graph(*experiment, spec);
    for (const VariableStart& variable : graph.variables) variables.push_back(variable.name);
    executable = std::make_unique<StepExecutable>(std::move(graph), experiment->seed, place);
    input = executable->executable.input("input");
    for (const OutputSlot& output : executable->executable.plan().outputs) {
      if (output.slot.name == "features") shape = output.slot.shape.without_first();
    }
  }

  std::string weights_hash() const {
    Sha256 hash;
    for (const std::string& variable : variables) {
      const VariableStore::Entry& entry = *store.find(variable);
      hash.update(variable);
      hash.update(std::span(entry.memory.data(), static_cast<std::size_t>(entry.slot.bytes())));
    }
    return hash.hex();
  }

  const Shape& input_shape() const { return network.inputs.front().second; }

  std::shared_ptr<const Experiment> experiment;
  const NetworkSpec& network;
  std::string name;
  Preprocessing preprocessing;
  std::unique_ptr<VariableStore> own_variables;  // null where a session's are used
  VariableStore& store;
  ThreadPool& pool;
  std::vector<std::string> variables;
  std::unique_ptr<StepExecutable> executable;
  std::byte* input = nullptr;
  Shape shape;
};

FeatureExtractor::FeatureExtractor(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
FeatureExtractor::~FeatureExtractor() = default;

std::unique_ptr<FeatureExtractor> FeatureExtractor::open(const FeatureSpec& spec, const Registry& registry,
                                                         ThreadPool& pool) {
  std::shared_ptr<Experiment> experiment = at_features(spec, [&] { return open_experiment(spec, registry); });
  auto variables = std::make_unique<VariableStore>();
  const StepGraph graph = features_graph(*experiment, spec);
  if (std::filesystem::is_directory(spec.from)) {
    load_variables(graph, feature_state(spec), *variables);
  } else {
    check_origin_of_weights(graph, spec);
  }
  const Workplace place{*variables, pool, experiment->engine.memory, Workplace::Others::refused};
  auto made = std::make_unique<Implementation>(experiment, spec, Preprocessing(experiment->data), place);
  made->own_variables = std::move(variables);
  return std::unique_ptr<FeatureExtractor>(new FeatureExtractor(std::move(made)));
}

std::unique_ptr<FeatureExtractor> FeatureExtractor::own(Session& session, const FeatureSpec& spec,
                                                        std::array<double, 2> range) {
  // The session outlives its evaluations.
  const std::shared_ptr<const Experiment> experiment(&session.experiment(), [](const Experiment*) {});
  return std::unique_ptr<FeatureExtractor>(new FeatureExtractor(
      std::make_unique<Implementation>(experiment, spec, Preprocessing(range), session.workplace())));
}

FeatureOrigin FeatureExtractor::origin() const {
  const Implementation& self = *implementation_;
  return {self.name, self.weights_hash(), fmt::format("8 bits; {}", self.preprocessing.text()), {}};
}

const Shape& FeatureExtractor::shape() const { return implementation_->shape; }

void FeatureExtractor::check_images(const Shape& image) const {
  check_fit(*implementation_->experiment, implementation_->network, implementation_->preprocessing, image);
}

void FeatureExtractor::extract(std::span<const uint8_t> images, const Shape& image, float* out) {
  Implementation& self = *implementation_;
  const auto size = static_cast<std::size_t>(image.elements());
  const int64_t count = static_cast<int64_t>(images.size() / size);
  const Preparation preparation = self.preprocessing.of(image, channels_of(self.network));
  const auto taken = static_cast<std::size_t>(preparation.image().elements());
  const auto elements = static_cast<std::size_t>(self.input_shape().elements());
  const bool is_float = self.executable->executable.plan().dtype == DType::float32;
  std::vector<float> batch(static_cast<std::size_t>(rows_at_once) * elements);
  for (int64_t first = 0; first < count; first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, count - first);
    self.pool.run([&] {
      for_tiles(rows, [&](int64_t row) {
        const auto pixels = images.subspan(static_cast<std::size_t>(first + row) * size, size);
        preparation.apply(self.preprocessing.pixels(pixels, taken),
                          batch.data() + static_cast<std::size_t>(row) * elements);
      });
    });
    if (is_float) {
      std::ranges::copy(batch, reinterpret_cast<float*>(self.input));
    } else {
      std::ranges::copy(batch, reinterpret_cast<double*>(self.input));
    }
    self.executable->executable.run(0);
    const std::vector<double> features = self.executable->executable.read_output("features");
    const int64_t width = self.shape.elements();
    std::transform(features.begin(), features.begin() + rows * width, out + first * width,
                   [](double value) { return static_cast<float>(value); });
  }
}

FeatureMatrix FeatureExtractor::features_of(const FeatureMatrix& images) {
  check_images(images.shape());
  const int64_t width = shape().elements(), pixels = images.width();
  Bytes bytes(static_cast<std::size_t>(images.count() * width) * sizeof(float));
  std::vector<double> row(static_cast<std::size_t>(pixels));
  std::vector<uint8_t> batch;
  for (int64_t first = 0; first < images.count(); first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, images.count() - first);
    batch.clear();
    for (int64_t i = first; i < first + rows; ++i) {
      images.copy_row(i, row.data());
      for (const double value : row) batch.push_back(static_cast<uint8_t>(value));
    }
    extract(batch, images.shape(), reinterpret_cast<float*>(bytes.data()) + first * width);
  }
  FeatureOrigin made = origin();
  made.split = images.origin().split;
  FeatureMatrix out(images.count(), shape(), ElementType::f32, std::move(bytes), 0, images.place(), std::move(made));
  return images.labels().empty() ? out : std::move(out).with_labels(images.labels());
}

}  // namespace duel
