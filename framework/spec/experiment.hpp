// An experiment as plain structs: what the YAML says, typed and checked, every component made. Nothing in it changes
// after it is read. Shapes of networks and values are checked by the room that emits them (model/check.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/dtype.hpp"
#include "registry/layer_list.hpp"
#include "registry/optimizer.hpp"
#include "registry/registry.hpp"
#include "registry/sampler.hpp"
#include "registry/value.hpp"

namespace duel {

// "1 epoch", "500 steps", 500
struct Interval {
  double count = 0;
  bool epochs = false;
};

struct DataSpec {
  std::shared_ptr<const DatasetSource> train;  // null: the experiment uses no data
  std::shared_ptr<const DatasetSource> test;   // what data.test reads; null: the part that `split` holds out
  std::vector<std::shared_ptr<const Transform>> transforms;
  std::vector<Position> transform_places;
  std::vector<std::string> transform_texts;  // as YAML in one line, for protocols
  int64_t batch = 0;
  std::string order;  // shuffled | sequential | replacement
  std::string last;   // drop | keep
  double test_share = 0;
  int64_t split_seed = 0;
  bool split_by_content = false;
  bool skip_bad_files = false;
  Position on_bad_file_where;
  Position where;
  Position train_where;  // of the data sets
  Position test_where;
};

// Where a network's weights and running statistics start from, instead of their layers' initializers.
struct WeightsSpec {
  enum class Kind : uint8_t { run, checkpoint, safetensors };
  Kind kind = Kind::run;
  std::filesystem::path from;   // a run folder, a checkpoint (.h5), or a .safetensors file
  std::string network;          // as it is called there; of safetensors: what stands before the names, or nothing
  std::optional<int64_t> step;  // of a run's checkpoint; without it, the newest
  bool average = false;         // take the moving average of the weights
  std::string origin;           // where the file can be had: told when it is missing
  Position where;
  std::string path;  // networks.NAME.weights
};

struct NetworkSpec {
  std::string name;
  std::vector<std::pair<std::string, Shape>> inputs;  // without the batch
  std::vector<LayerSpec> layers;
  std::vector<std::string> outputs;            // names of layers (`as`) that calls give beside the last layer's
  std::shared_ptr<const WeightsSpec> weights;  // null: they start as the layers say
  Position where;
  bool complete = true;  // false: some layer could not be read, so its shapes cannot be checked
};

struct ValueSpec {
  std::string name;
  Expression expression;
  Position where;
  std::string path;
};

struct TermSpec {
  std::string kind;
  std::shared_ptr<const Loss> loss;
  Position where;
  std::string path;
};

// What one turn of a player minimises: the sum of its terms.
struct LossSpec {
  std::string name;  // empty for a player's only loss
  std::vector<TermSpec> terms;
};

struct PlayerSpec {
  std::string name;
  std::vector<std::string> updates;
  std::shared_ptr<const Optimizer> optimizer;
  std::vector<LossSpec> losses;
  Position where;
};

// One entry of `turns`: which player's which loss, how often in a row.
struct TurnSpec {
  std::size_t player = 0;
  std::size_t loss = 0;
  int64_t repeats = 1;
};

// A metric that training watches: METRIC of any evaluation, or EVALUATION.METRIC, or one recorded in training.
struct MetricName {
  std::string name;
  Position where;
  std::string path;
};

// Training is complete when the metric is so good. Without a side, the better one of the metric.
struct UntilSpec {
  MetricName metric;
  double threshold = 0;
  enum class Side { better, above, below } side = Side::better;
};

// What to do when the game has collapsed, and what counts as that (train/health.hpp).
struct CollapseSpec {
  enum class Action { off, warn, stop, rollback };
  Action action = Action::warn;
  int64_t window = 100;              // records that have to agree
  double discriminator_loss = 0.01;  // share of its loss when undecided, under which a discriminator is saturated
  double gradient = 1e-3;            // share of its early median, under which a generator's gradient has vanished
  double diversity = 0.1;            // share of what the samples should differ by, under which they are all alike
};

// Training is complete when so many evaluations in a row have not bettered the metric by more than `least`.
struct EarlyStopSpec {
  MetricName metric;
  int64_t patience = 0;
  double least = 0;
};

// A stretch of the training: how long, and whose turn it is in its steps.
struct PhaseSpec {
  std::string name;  // empty if it has none
  std::optional<int64_t> steps;
  std::optional<double> epochs;
  bool simultaneous = true;
  std::vector<TurnSpec> turns;  // of a step, when not simultaneous
  bool redraw_each_turn = true;
  Position where;
  Position epochs_where;  // of `epochs`, where it is given
  std::string path;       // train, or train.phases[0]
};

struct TrainSpec {
  std::vector<PhaseSpec> phases;  // one after the other; without `phases`, the one that `train` describes
  int64_t log_every = 1;          // steps between records of the metrics
  std::string on_divergence;      // stop | rollback
  CollapseSpec on_collapse;
  std::vector<UntilSpec> until;
  std::optional<EarlyStopSpec> early_stop;

  // The length of the whole training, where all phases count in that unit.
  std::optional<int64_t> steps() const;
  std::optional<double> epochs() const;
  bool counts_epochs() const;  // does any phase?
};

struct SampleSpec {
  std::string name;  // of the value, made unique: its data set and pictures bear it
  Expression value;
  std::optional<Expression> reference;
  int64_t count = 0;
  std::optional<int64_t> reference_count;  // rows of the reference; as many as `count` if not given
  Interval every;
  bool fixed_latent = true;
  Mode mode = Mode::inference;
  int64_t standing_statistics = 0;  // passes that measure running statistics anew; 0: those of the training
  std::shared_ptr<const Sampler> plot;
  SampleStyle style;
  Position where;
  std::string path;
};

// What metrics are given for the values of an evaluation.
struct FeatureSpec {
  enum class Kind {
    automatic,  // pixels for images, else the values
    values,     // as they are
    pixels,     // whole numbers 0 … 255
    network,    // what a network makes of the pixels
  };
  Kind kind = Kind::automatic;
  std::filesystem::path from;   // run or experiment file of the network; empty: a network of this experiment
  std::string network;          // empty: the only one of `from`
  std::string layer;            // by `as` or its usual name; empty: the last
  std::optional<int64_t> step;  // of the checkpoint; the newest if not given
  Position where;
  std::string path;
};

struct MetricSpec {
  std::string kind;
  std::shared_ptr<const Metric> metric;
  std::string parameters;  // as YAML in one line
  Position where;
  std::string path = {};
};

struct EvaluationSpec {
  std::string name;
  std::optional<Expression> real, fake;
  std::optional<Expression> real_labels, fake_labels;
  int64_t count = 0;
  std::optional<Interval> every;  // none: about each tenth of the training
  Mode mode = Mode::inference;
  int64_t standing_statistics = 0;     // for the fake side, as SampleSpec's
  std::array<double, 2> range{-1, 1};  // values of black and white
  FeatureSpec features;
  std::vector<MetricSpec> metrics;
  uint64_t seed = 0;
  Position where;
  std::string path;
};

// A moving average of a network's weights. It forgets by `decay` a step, or by half in so many examples.
struct AverageSpec {
  std::string network;
  double decay = 0.999;
  int64_t start = 0;
  std::optional<double> half_life;  // examples; takes the place of decay
  std::optional<double> rampup;     // the half-life is at most this share of the examples seen so far
};

struct CheckpointSpec {
  std::optional<Interval> every;  // none: about each tenth of the training
  int64_t keep = 3;
  std::optional<MetricName> best;  // the checkpoint of its best value is kept
};

struct EngineSpec {
  int64_t threads = 0;  // 0: all cores
  DType precision = DType::float32;
  std::optional<int64_t> memory;  // bytes that a plan may take
};

struct Experiment {
  std::string name;
  std::string description;
  uint64_t seed = 0;
  DataSpec data;
  std::vector<NetworkSpec> networks;
  std::vector<ValueSpec> values;
  std::vector<PlayerSpec> players;
  TrainSpec train;
  std::vector<ValueSpec> metrics;
  std::vector<SampleSpec> samples;
  std::vector<EvaluationSpec> evaluations;
  std::vector<AverageSpec> averages;
  CheckpointSpec checkpoint;
  EngineSpec engine;

  const NetworkSpec* find_network(std::string_view network) const;
  const ValueSpec* find_value(std::string_view value) const;
  const PlayerSpec* find_player(std::string_view player) const;

  // Without players there is nothing to train: the experiment is there for its networks.
  bool trains() const { return !players.empty(); }
  // Throws UserError(ExitCode::experiment) unless it trains.
  void require_training() const;
};

}  // namespace duel
