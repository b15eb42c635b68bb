// What each section of an experiment may say. The structs mirror the YAML; read.cpp turns them into an Experiment.
// Parts of type YamlNode are read by hand, by the source named after the section.
#pragma once

#include "registry/section.hpp"
#include "spec/experiment.hpp"

namespace duel {

DUEL_PARAMETER_TYPE(Interval)
DUEL_PARAMETER_TYPE(std::optional<Interval>)

struct ExperimentSection {
  std::string name;
  std::string description;
  int64_t seed = 0;
  std::string preset = "keras";
  YamlNode data, blocks, networks, values, players, train, metrics, sample, evaluate, averages, checkpoint, engine;
  static void declare(Declaration<ExperimentSection>& d);
};

struct DataSection {
  YamlNode train, test, split, transform;
  int64_t batch = 0;
  std::string order = "shuffled";
  std::string last = "drop";
  std::string on_bad_file = "stop";
  static void declare(Declaration<DataSection>& d);
};

struct SplitSection {
  double test = 0;
  int64_t seed = 0;
  std::string by = "index";
  static void declare(Declaration<SplitSection>& d);
};

struct BlockSection {
  std::vector<std::string> inputs{"input"};
  YamlNode parameters, layers;
  static void declare(Declaration<BlockSection>& d);
};

struct NetworkSection {
  std::string preset;
  YamlNode inputs, layers;
  std::vector<std::string> outputs;
  YamlNode weights;
  static void declare(Declaration<NetworkSection>& d);
};

struct WeightsSection {
  std::filesystem::path from;
  std::string network;
  std::optional<int64_t> step;
  bool average = false;
  std::string origin;
  static void declare(Declaration<WeightsSection>& d);
};

struct PlayerSection {
  std::vector<std::string> updates;
  YamlNode optimizer, loss;
  static void declare(Declaration<PlayerSection>& d);
};

struct PhaseSection {
  std::string name;
  std::optional<int64_t> steps;
  std::optional<double> epochs;
  YamlNode turns;
  std::string redraw = "turn";
  static void declare(Declaration<PhaseSection>& d);
};

struct TrainSection {
  std::optional<int64_t> steps;
  std::optional<double> epochs;
  YamlNode turns;
  std::string redraw = "turn";
  YamlNode phases;
  int64_t log_every = 1;
  std::string on_divergence = "stop";
  YamlNode on_collapse, until, early_stop;
  static void declare(Declaration<TrainSection>& d);
};

struct CollapseSection {
  std::string action = "warn";
  int64_t window = 100;
  double discriminator_loss = 0.01;
  double gradient = 1e-3;
  double diversity = 0.1;
  static void declare(Declaration<CollapseSection>& d);
};

struct EarlyStopSection {
  std::string metric;
  int64_t patience = 5;
  double least = 0;
  static void declare(Declaration<EarlyStopSection>& d);
};

// What `until` may say of a metric besides a number.
struct ThresholdSection {
  std::optional<double> above, below;
  static void declare(Declaration<ThresholdSection>& d);
};

struct SampleSection {
  std::string name;
  std::optional<Expression> value;
  std::optional<Expression> reference;
  int64_t count = 16;
  std::optional<int64_t> reference_count;
  Interval every{1, true};
  std::string latent = "fixed";
  std::string mode = "inference";
  int64_t standing_statistics = 0;
  std::string conflict() const;
  YamlNode plot;
  std::vector<double> range;
  std::string normalize = "range";
  int64_t columns = 0;
  static void declare(Declaration<SampleSection>& d);
};

struct EvaluateSection {
  std::string name;
  std::optional<Expression> real, fake;
  YamlNode labels, features, metrics;
  int64_t count = 1000;
  std::optional<Interval> every;
  std::string mode = "inference";
  int64_t standing_statistics = 0;
  std::string conflict() const;
  std::vector<double> range;
  int64_t seed = 0;
  static void declare(Declaration<EvaluateSection>& d);
};

struct LabelsSection {
  std::optional<Expression> real, fake;
  static void declare(Declaration<LabelsSection>& d);
};

struct FeaturesSection {
  std::filesystem::path from;
  std::string network;
  std::string at;
  std::optional<int64_t> step;
  static void declare(Declaration<FeaturesSection>& d);
};

struct AverageSection {
  double decay = 0.999;
  int64_t start = 0;
  std::optional<double> half_life, rampup;
  static void declare(Declaration<AverageSection>& d);
};

struct CheckpointSection {
  std::optional<Interval> every;
  int64_t keep = 3;
  std::string best;
  static void declare(Declaration<CheckpointSection>& d);
};

struct EngineSection {
  int64_t threads = 0;
  std::string precision = "float32";
  std::string memory;
  static void declare(Declaration<EngineSection>& d);
};

}  // namespace duel
