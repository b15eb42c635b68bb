// What the smaller commands print.
#include <gmock/gmock.h>

#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Words = std::vector<std::string>;

class Commands : public testing::Test {
 protected:
  std::string output_of(const Words& arguments) const {
    const ProgramEnd end = run_program(arguments, folder_.path());
    EXPECT_EQ(end.code, 0) << end.errors;
    return end.output;
  }

  const TemporaryFolder folder_;
};

TEST_F(Commands, CheckCounts) {
  folder_.write("one.yaml", "networks: {n: {inputs: {x: [2]}, layers: [dense: 3]}}\n");
  EXPECT_EQ(output_of({"check", "one.yaml"}),
            "one.yaml: ok: 1 network, 0 values, 0 players: there is nothing to train\n");
}

TEST_F(Commands, NewSaysWhatCanBeDoneNext) {
  EXPECT_EQ(output_of({"new", "a", "--from", "points/ring"}),
            "a.yaml: from points/ring\nnext: duel check a.yaml, then duel train a.yaml\n");
  EXPECT_EQ(output_of({"new", "b", "--from", "features/inception"}),
            "b.yaml: from features/inception\nnext: duel check b.yaml, then duel show b.yaml\n");
}

TEST_F(Commands, NewWritesSweepsOfTheGalleryWithTheirExperiment) {
  EXPECT_EQ(output_of({"new", "s", "--from", "sweeps/ring"}),
            "s.yaml: from sweeps/ring\ns-experiment.yaml: from points/ring\n"
            "next: duel sweep s.yaml --dry-run, then duel sweep s.yaml\n");
  EXPECT_THAT(output_of({"sweep", "s.yaml", "--dry-run",
                         "overrides=[train.steps=2, data.split.test=0.1, 'evaluate={"
                         "name: modes, real: data.test.point, fake: fake, count: 50, metrics: [{mixture: {modes: 8, "
                         "radius: 1}}]}']"}),
              StartsWith("s: grid search, 16 trials with 3 seeds each: 48 trainings; maximize high_quality\n"));
  EXPECT_THAT(output_of({"check", "s-experiment.yaml"}), StartsWith("s-experiment.yaml: ok: "));
  const ProgramEnd again = run_program({"new", "s-experiment", "--from", "sweeps/digits"}, folder_.path());
  EXPECT_EQ(again.code, 2);
  EXPECT_EQ(again.errors, "s-experiment.yaml exists already; choose another name\n");
}

TEST_F(Commands, HelpKnowsSectionsAndKinds) {
  EXPECT_THAT(output_of({"help"}), StartsWith("sections of an experiment\n"));
  EXPECT_THAT(output_of({"help"}), HasSubstr("layer kinds\n"));
  EXPECT_THAT(output_of({"help", "train"}), StartsWith("train (section)\n"));
  EXPECT_THAT(output_of({"help", "dense"}), StartsWith("dense (layer)\n"));
}

TEST_F(Commands, ShowSaysThatDefaultsAreLeftOut) {
  folder_.write("one.yaml", "networks: {n: {inputs: {x: [2]}, layers: [dense: 3]}}\n");
  EXPECT_THAT(output_of({"show", "one.yaml"}), StartsWith("# Defaults are left out; 'duel help NAME' tells them.\n"));
}

}  // namespace
}  // namespace duel
