// `weights:` of networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

std::string network_with(const std::string& weights) {
  return "networks: {net: {inputs: {x: [2]}, layers: [dense: 1], weights: " + weights + "}}\n";
}

WeightsSpec weights_of(const std::string& weights) {
  return *read_sound(small_experiment(network_with(weights))).networks[0].weights;
}

TEST(Weights, AreNotThereUnlessGiven) { EXPECT_EQ(read_sound(small_experiment()).networks[0].weights, nullptr); }

TEST(Weights, OfARunAreThoseOfTheNetworkOfTheSameName) {
  const WeightsSpec weights = weights_of("{from: /runs/a}");
  EXPECT_EQ(weights.kind, WeightsSpec::Kind::run);
  EXPECT_EQ(weights.from, "/runs/a");
  EXPECT_EQ(weights.network, "net");
  EXPECT_FALSE(weights.step.has_value());
  EXPECT_FALSE(weights.average);
  EXPECT_EQ(weights.path, "networks.net.weights");
  EXPECT_GT(weights.where.line, 0);
}

TEST(Weights, SayWhichStepAndNetwork) {
  const WeightsSpec weights = weights_of("{from: /runs/a, network: g, step: 300, average: true}");
  EXPECT_EQ(weights.network, "g");
  EXPECT_EQ(weights.step, 300);
  EXPECT_TRUE(weights.average);
}

TEST(Weights, AreOfTheKindThatTheirNameEndsOn) {
  EXPECT_EQ(weights_of("{from: /a/step-000100.h5}").kind, WeightsSpec::Kind::checkpoint);
  const WeightsSpec weights = weights_of("{from: /a/b.safetensors, origin: a shelf}");
  EXPECT_EQ(weights.kind, WeightsSpec::Kind::safetensors);
  EXPECT_EQ(weights.network, "") << "names in it have no prefix unless one is given";
  EXPECT_EQ(weights.origin, "a shelf");
}

TEST(Weights, RefuseWhatTheirFileHasNot) {
  const auto problems = [](const std::string& weights) { return problems_of(small_experiment(network_with(weights))); };
  EXPECT_THAT(problems("{from: /a/b.safetensors, step: 3}"),
              HasSubstr("networks.net.weights.step: only a run folder has several steps"));
  EXPECT_THAT(problems("{from: /a/b.h5, step: 3}"), HasSubstr("networks.net.weights.step: only a run folder"));
  EXPECT_THAT(problems("{from: /a/b.safetensors, average: true}"),
              HasSubstr("networks.net.weights.average: only runs and their checkpoints have averages"));
  EXPECT_THAT(problems("{network: g}"), HasSubstr("networks.net.weights: 'from' is missing"));
  EXPECT_THAT(problems("{from: /a, form: b}"), HasSubstr("unknown key 'form'; did you mean 'from'?"));
}

// A run keeps its experiment as a file that can lie anywhere.
TEST(Weights, AreFoundFromTheExperimentThatARunKeeps) {
  const Document document = load_document_text(small_experiment(network_with("{from: ../a}")), "/x/y/e.yaml");
  EXPECT_THAT(portable_text(document, filled_registry<register_plugins>()), HasSubstr("/x/a"));
}

}  // namespace
}  // namespace duel
