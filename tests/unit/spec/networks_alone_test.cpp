// Experiments that are there for their networks, with nothing to train.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(NetworksAlone, NeedNeitherPlayersNorTraining) {
  const Experiment experiment = read_sound(
      "networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "data: {transform: [rescale: [-1, 1]], batch: 8}\n");
  EXPECT_FALSE(experiment.trains());
  EXPECT_EQ(experiment.data.transforms.size(), 1U);
  EXPECT_THROW(experiment.require_training(), UserError);
  EXPECT_TRUE(read_sound(small_experiment()).trains());
}

TEST(NetworksAlone, SayNothingOfTraining) {
  const std::string networks = "networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}}\n";
  EXPECT_THAT(problems_of(networks + "train: {steps: 5}\n"),
              AllOf(HasSubstr("e.yaml:1:1: 'values' is missing (name → expression"),
                    HasSubstr("e.yaml:1:1: 'players' is missing"), Not(HasSubstr("'train' is missing"))));
  for (const std::string section : {"metrics: {m: 1}", "averages: {net: {}}", "checkpoint: {keep: 2}"}) {
    EXPECT_THAT(problems_of(networks + section + "\n"),
                AllOf(HasSubstr("'players' is missing"), HasSubstr("'train' is missing")))
        << section;
  }
}

}  // namespace
}  // namespace duel
