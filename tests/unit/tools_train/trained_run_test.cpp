// What a training keeps of itself, for those who compare and list runs.
#include <algorithm>

#include "runs/run_entry.hpp"
#include "tests/support/program/program_on_runs.hpp"

namespace duel {
namespace {

constexpr const char* tiny_yaml = R"yaml(
name: tiny
seed: 3
data: {train: {gaussian: {mean: 0.5, deviation: 0.1}}, batch: 4}
networks:
  generator: {inputs: {z: [2]}, layers: [dense: 2, relu, dense: 2]}
values: {fake: generator(normal(2))}
players:
  generator:
    updates: generator
    optimizer: {adam: {lr: 1.0e-3, beta1: 0.5}}
    loss: {expression: mean(square(fake - data.point))}
train: {epochs: 2}
evaluate: {fake: fake, real: data.point, count: 20, every: 4, metrics: [fid]}
checkpoint: {every: 5}
)yaml";

class TrainedRun : public ProgramOnRuns {
 protected:
  TrainedRun() { folder_.write("tiny.yaml", tiny_yaml); }
  RunEntry train(const Words& overrides) const {
    Words arguments{"train", "tiny.yaml", "--out", "run", "--quiet"};
    arguments.insert(arguments.end(), overrides.begin(), overrides.end());
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.code, 0) << end.errors;
    return entry();
  }
  RunEntry entry() const { return read_run_entry(folder_.path() / "run"); }
};

std::string origin_of(const RunEntry& run, const std::string& key) {
  const auto found = std::ranges::find(run.parameters, key, &RunParameter::key);
  return found == run.parameters.end() ? "absent" : found->origin;
}

TEST_F(TrainedRun, KnowsItsStepsAndOrigins) {
  const RunEntry run = train({"data.train.gaussian.count=20", "players.generator.optimizer.adam.lr=1e-4"});
  EXPECT_EQ(run.state, RunState::complete);
  EXPECT_EQ(run.step, 10) << "two passes over 20 examples, 4 a step";
  EXPECT_EQ(run.total_steps, 10);
  EXPECT_EQ(run.records.provenance.at("total_steps"), "10");
  EXPECT_EQ(origin_of(run, "players.generator.optimizer.adam.beta1"), "tiny.yaml:11");
  EXPECT_EQ(origin_of(run, "players.generator.optimizer.adam.lr"),
            "override 'players.generator.optimizer.adam.lr=1e-4'");
  EXPECT_EQ(origin_of(run, "networks.generator.layers[1]"), "tiny.yaml:6");
}

TEST_F(TrainedRun, KeepsOriginsWhereResumeChangesOthers) {
  const RunEntry before = train({"train={steps: 6}", "networks.generator.layers[0].dense=3"});
  const ProgramEnd end = run({"resume", "run", "--quiet", "train.steps=9"});
  ASSERT_EQ(end.code, 0) << end.errors;
  const RunEntry after = entry();
  EXPECT_EQ(after.total_steps, 9);
  EXPECT_EQ(after.step, 9);
  EXPECT_EQ(after.state, RunState::complete);
  EXPECT_EQ(origin_of(after, "train.steps"), "override 'train.steps=9'");
  EXPECT_EQ(origin_of(after, "networks.generator.layers[0].dense"), "override 'networks.generator.layers[0].dense=3'");
  EXPECT_EQ(origin_of(after, "networks.generator.layers[2].dense"), "tiny.yaml:6");
  EXPECT_EQ(after.records.provenance.at("started"), before.records.provenance.at("started"));
  EXPECT_EQ(after.records.resumes.size(), 1U);
}

TEST_F(TrainedRun, IsCompleteWhereUntilHasEndedIt) {
  const RunEntry run = train({"train={steps: 50, until: {fid: {below: 1000000}}}"});
  EXPECT_EQ(run.state, RunState::complete);
  EXPECT_EQ(run.step, 4);
  EXPECT_EQ(run.total_steps, 50);
}

}  // namespace
}  // namespace duel
