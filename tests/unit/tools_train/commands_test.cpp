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
