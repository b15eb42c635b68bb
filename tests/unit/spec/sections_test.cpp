// What each section of an experiment says, and what it is when it says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "plugins/optimizers/adam.hpp"
#include "plugins/register.hpp"
#include "registry/schedule.hpp"
#include "spec/load.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Experiment, HasDefaultsForAllThatMayBeLeftOut) {
  const Experiment experiment = read_sound(small_experiment());
  EXPECT_EQ(experiment.name, "e") << "the file's name";
  EXPECT_EQ(experiment.seed, 0u);
  EXPECT_EQ(experiment.data.order, "shuffled");
  EXPECT_EQ(experiment.data.last, "drop");
  EXPECT_EQ(experiment.data.test_share, 0);
  EXPECT_TRUE(experiment.train.phases.at(0).simultaneous);
  EXPECT_TRUE(experiment.train.phases.at(0).redraw_each_turn);
  EXPECT_EQ(experiment.train.log_every, 1);
  EXPECT_EQ(experiment.train.on_divergence, "stop");
  EXPECT_EQ(experiment.checkpoint.keep, 3);
  EXPECT_EQ(experiment.engine.threads, 0);
  EXPECT_EQ(experiment.engine.precision, DType::float32);
  EXPECT_FALSE(experiment.engine.memory.has_value());
  EXPECT_THAT(experiment.samples, IsEmpty());
  EXPECT_THAT(experiment.metrics, IsEmpty());
  EXPECT_THAT(experiment.averages, IsEmpty());
}

TEST(Experiment, IsToldByAnOverrideToCountStepsInsteadOfEpochs) {
  const auto train_of = [](const std::string& text, const std::string& change) {
    return to_line(*load_experiment_text(text, "e.yaml", std::vector{change}).root.find("train"));
  };
  EXPECT_EQ(train_of("train: {epochs: 5, log_every: 2}", "train.steps=10"), "{log_every: 2, steps: 10}");
  EXPECT_EQ(train_of("train: {steps: 5}", "train.epochs=2"), "{epochs: 2}");
}

TEST(Experiment, SaysWhatItSays) {
  const Experiment experiment = read_sound(
      small_experiment("name: mine\ndescription: a test\nseed: 7\n"
                       "data: {train: {gaussian: {dimensions: 2}}, batch: 4, order: replacement, last: keep,\n"
                       "  split: {test: 0.25, seed: 3}, transform: [{rescale: [-1, 1]}, flatten]}\n"
                       "train: {epochs: 2.5, redraw: step, log_every: 10, on_divergence: rollback}\n"
                       "metrics: {m: mean(y), other name: y}\n"
                       "averages: {net: {decay: 0.9, start: 5}}\n"
                       "checkpoint: {every: 2 epochs, keep: 9}\n"
                       "engine: {threads: 3, precision: float64, memory: 2 GiB}\n"));
  EXPECT_EQ(experiment.name, "mine");
  EXPECT_EQ(experiment.description, "a test");
  EXPECT_EQ(experiment.seed, 7u);
  EXPECT_EQ(experiment.data.batch, 4);
  EXPECT_EQ(experiment.data.order, "replacement");
  EXPECT_EQ(experiment.data.last, "keep");
  EXPECT_EQ(experiment.data.test_share, 0.25);
  EXPECT_EQ(experiment.data.split_seed, 3);
  EXPECT_EQ(experiment.data.transforms.size(), 2u);
  EXPECT_EQ(experiment.train.epochs(), 2.5);
  EXPECT_FALSE(experiment.train.steps().has_value());
  EXPECT_FALSE(experiment.train.phases.at(0).redraw_each_turn);
  EXPECT_EQ(experiment.train.log_every, 10);
  EXPECT_EQ(experiment.train.on_divergence, "rollback");
  ASSERT_EQ(experiment.metrics.size(), 2u);
  EXPECT_EQ(experiment.metrics[1].name, "other name") << "metrics are no values: any name will do";
  ASSERT_EQ(experiment.averages.size(), 1u);
  EXPECT_EQ(experiment.averages[0].decay, 0.9);
  EXPECT_EQ(experiment.averages[0].start, 5);
  EXPECT_EQ(experiment.checkpoint.every.value().count, 2);
  EXPECT_TRUE(experiment.checkpoint.every.value().epochs);
  EXPECT_EQ(experiment.checkpoint.keep, 9);
  EXPECT_EQ(experiment.engine.threads, 3);
  EXPECT_EQ(experiment.engine.precision, DType::float64);
  EXPECT_EQ(experiment.engine.memory, int64_t{2} << 30);
}

TEST(Checkpoint, IsTakenAtATenthOfTheTrainingUnlessSaid) {
  const auto every = [](const std::string& train) {
    return read_sound(small_experiment("train: " + train)).checkpoint.every.value();
  };
  EXPECT_EQ(every("{steps: 100}").count, 10);
  EXPECT_FALSE(every("{steps: 100}").epochs);
  EXPECT_EQ(every("{steps: 3}").count, 1);
  EXPECT_EQ(every("{epochs: 50}").count, 5);
  EXPECT_TRUE(every("{epochs: 50}").epochs);
}

TEST(Intervals, AreStepsOrEpochs) {
  const auto every = [](const std::string& text) {
    return read_sound(small_experiment("checkpoint: {every: " + text + "}")).checkpoint.every.value();
  };
  EXPECT_EQ(every("500").count, 500);
  EXPECT_EQ(every("500 steps").count, 500);
  EXPECT_EQ(every("1 step").count, 1);
  EXPECT_TRUE(every("1 epoch").epochs);
  EXPECT_EQ(every("0.5 epochs").count, 0.5);
  for (const std::string bad : {"0", "-1", "1.5", "1.5 steps", "5 hours", "steps", "[5]", "5steps"}) {
    EXPECT_THAT(problems_of(small_experiment("checkpoint: {every: " + bad + "}")), HasSubstr("expected an interval"))
        << bad;
  }
}

TEST(Training, LastsForStepsOrForEpochs) {
  EXPECT_THAT(problems_of(small_experiment("train: {log_every: 2}")), HasSubstr("'steps' or 'epochs' is missing"));
  EXPECT_THAT(problems_of(small_experiment("train: {steps: 1, epochs: 1}")),
              HasSubstr("both 'steps' and 'epochs' are given"));
  // One mistake is one problem.
  EXPECT_EQ(problems_of(small_experiment("train: {steps: many}")),
            "e.yaml:21:10: train.steps: expected an integer, found the text 'many'");
}

TEST(Networks, NameTheirLayersByKindAndNumber) {
  const Experiment experiment =
      read_sound(small_experiment("networks: {net: {inputs: {x: [2]}, outputs: [middle],\n"
                                  "  layers: [dense: 4, relu, dense: {units: 3, as: middle}, relu, dense: 1]}}\n"));
  std::vector<std::string> names, paths;
  for (const LayerSpec& layer : experiment.networks[0].layers) {
    names.push_back(layer.name);
    paths.push_back(layer.path);
  }
  EXPECT_THAT(names, ElementsAre("dense_1", "relu_1", "middle", "relu_2", "dense_3"));
  EXPECT_EQ(paths[2], "networks.net.layers[2]");
  EXPECT_THAT(experiment.networks[0].outputs, ElementsAre("middle"));
  EXPECT_TRUE(experiment.networks[0].complete);
  EXPECT_EQ(experiment.networks[0].inputs[0].second, (Shape{2}));
}

TEST(Networks, WhatTheirLayersComeFromStandsBeforeThem) {
  const auto problems = problems_of(small_experiment(
      "networks: {net: {inputs: {x: [2]}, layers: [dense: {units: 1, from: later}, dense: {units: 1, as: later}]}}\n"));
  EXPECT_THAT(problems, HasSubstr("networks.net.layers[0]: no layer or input before this is called 'later'"));
  EXPECT_THAT(
      problems_of(small_experiment("networks: {net: {inputs: {x: [2]}, layers: [dense: {units: 1, as: x}]}}\n")),
      HasSubstr("the name 'x' is taken"));
  EXPECT_THAT(problems_of(small_experiment("networks: {net: {inputs: {x: [2]}, outputs: [no], layers: [dense: 1]}}\n")),
              HasSubstr("no layer is called 'no'; give the layer a name with `as`"));
}

// Keras starts a bias at 0, PyTorch at random.
bool starts_bias_at_zero(const Experiment& experiment) {
  Graph graph;
  TestLayerContext context(graph, Mode::train, 1);
  const Tensor input(graph, graph.input("x", {1, 2}));
  experiment.networks[0].layers[0].layer->build(context, std::vector{input});
  return context.starting_values().at("bias").values[0] == 0;
}

TEST(Preset, ChoosesTheDefaultsOfAllComponents) {
  const std::string adam = "players: {one: {updates: net, optimizer: adam, loss: {expression: y}}}\n";
  const Experiment keras = read_sound(small_experiment(adam));
  const Experiment torch = read_sound(small_experiment("preset: torch\n" + adam));
  EXPECT_TRUE(starts_bias_at_zero(keras));
  EXPECT_FALSE(starts_bias_at_zero(torch));
  EXPECT_EQ(dynamic_cast<const Adam&>(*keras.players[0].optimizer).epsilon, 1e-7);
  EXPECT_EQ(dynamic_cast<const Adam&>(*torch.players[0].optimizer).epsilon, 1e-8);
  EXPECT_THAT(problems_of(small_experiment("preset: jax")),
              HasSubstr("preset: 'jax' is not possible here; one of: keras, torch"));
}

TEST(Preset, OfANetworkIsItsOwn) {
  const std::string network = "inputs: {x: [2]}, layers: [dense: 1]}}\n";
  EXPECT_FALSE(starts_bias_at_zero(read_sound(small_experiment("networks: {net: {preset: torch, " + network))));
  EXPECT_TRUE(
      starts_bias_at_zero(read_sound(small_experiment("preset: torch\nnetworks: {net: {preset: keras, " + network))));
}

TEST(Players, UpdateOneNetworkOrSeveral) {
  const Experiment experiment = read_sound(small_experiment(
      "networks: {a: {inputs: {x: [2]}, layers: [dense: 1]}, b: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: a(data.point) + b(data.point)}\n"
      "players: {both: {updates: [a, b], optimizer: sgd, loss: [{expression: y}, {expression: {value: y, weight: 2, "
      "every: 3}}]}}\n"));
  EXPECT_THAT(experiment.players[0].updates, ElementsAre("a", "b"));
  ASSERT_EQ(experiment.players[0].losses.size(), 1u);
  EXPECT_EQ(experiment.players[0].losses[0].name, "");
  const auto& terms = experiment.players[0].losses[0].terms;
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[1].loss->every, 3);
  EXPECT_EQ(terms[1].loss->weight->at({}), 2);
  EXPECT_EQ(terms[1].path, "players.both.loss[1]");
}

TEST(Players, MayHaveNamedLosses) {
  const Experiment experiment = read_sound(small_experiment(
      "players: {one: {updates: net, optimizer: sgd, loss: {first: {expression: y}, second: [{expression: y}]}}}\n"));
  ASSERT_EQ(experiment.players[0].losses.size(), 2u);
  EXPECT_EQ(experiment.players[0].losses[1].name, "second");
  EXPECT_EQ(experiment.players[0].losses[1].terms[0].path, "players.one.loss.second[0]");
  EXPECT_THAT(problems_of(small_experiment("players: {one: {updates: net, optimizer: sgd, loss: []}}\n")),
              HasSubstr("a loss needs at least one term"));
}

TEST(Samples, AreNamedAfterWhatTheyShow) {
  const Experiment experiment = read_sound(
      small_experiment("sample: [{value: y}, {value: y, count: 5}, {value: mean(y), name: own}, {value: 2 * y}]\n"));
  std::vector<std::string> names;
  for (const SampleSpec& sample : experiment.samples) names.push_back(sample.name);
  EXPECT_THAT(names, ElementsAre("y", "y_2", "own", "sample"));
  EXPECT_EQ(experiment.samples[0].count, 16);
  EXPECT_EQ(experiment.samples[1].count, 5);
  EXPECT_TRUE(experiment.samples[0].fixed_latent);
  EXPECT_EQ(experiment.samples[0].mode, Mode::inference);
  EXPECT_NE(experiment.samples[0].plot, nullptr);
}

TEST(Samples, SayHowTheyLook) {
  const Experiment experiment = read_sound(
      small_experiment("sample: {value: y, reference: data.point, every: 7, latent: fresh, mode: train, plot: scatter, "
                       "range: [-2, 3], normalize: minmax, columns: 4}\n"));
  const SampleSpec& sample = experiment.samples.at(0);
  EXPECT_TRUE(sample.reference.has_value());
  EXPECT_FALSE(sample.fixed_latent);
  EXPECT_EQ(sample.mode, Mode::train);
  EXPECT_EQ(sample.every.count, 7);
  EXPECT_TRUE(sample.style.minmax);
  EXPECT_TRUE(sample.style.range_given);
  EXPECT_THAT(sample.style.range, ElementsAre(-2, 3));
  EXPECT_EQ(sample.style.columns, 4);
  EXPECT_THAT(problems_of(small_experiment("sample: {value: y, range: [3, 1]}")),
              HasSubstr("sample[0].range: a range is [low, high], low < high"));
  EXPECT_THAT(problems_of(small_experiment("sample: {count: 3}")), HasSubstr("'value' is missing"));
}

TEST(PortableText, HasAbsolutePathsAndReadsAsTheSame) {
  const std::string text =
      small_experiment("data: {train: {csv: {path: tables/points.csv}}, batch: 8}\nname: moved\nvars: {n: 3}\n");
  const Document document = load_document_text(text, "/somewhere/e.yaml", std::vector<std::string>{"seed=${n}"});
  const std::string portable = portable_text(document, filled_registry<register_plugins>());
  EXPECT_THAT(portable, HasSubstr("/somewhere/tables/points.csv"));
  const Document again = load_document_text(portable, "/elsewhere/run.h5");
  EXPECT_EQ(portable_text(again, filled_registry<register_plugins>()), portable);
  EXPECT_EQ(read_sound(portable).seed, 3u);
}

}  // namespace
}  // namespace duel
