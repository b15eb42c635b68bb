// Networks that start from runs and checkpoints.
#include "train/weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"
#include "store/checkpoint.hpp"
#include "store/safetensors.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/train/plugin_registry.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// One network that learns the mean of points, with running statistics and a moving average.
std::string experiment_yaml(const std::string& network, const std::string& more_of_network = "",
                            const std::string& more = "") {
  return fmt::format(
      "seed: 5\n"
      "data: {{train: {{gaussian: {{dimensions: 2}}}}, batch: 8}}\n"
      "networks: {{{0}: {{inputs: {{x: [2]}}, layers: [dense: 3, batch_norm, dense: 1]{1}}}}}\n"
      "values: {{y: {0}(data.point)}}\n"
      "players: {{one: {{updates: {0}, optimizer: {{adam: {{lr: 0.1}}}}, loss: {{expression: square(y - 1)}}}}}}\n"
      "averages: {{{0}: {{decay: 0.5}}}}\n"
      "train: {{steps: 3}}\n{2}",
      network, more_of_network, more);
}

Document document_of(const std::string& yaml) { return load_document_text(yaml, "e.yaml"); }

// The state before the first step.
CheckpointState start_of(const std::string& yaml) {
  return Session(checked_experiment(document_of(yaml), plugin_registry()), {1, std::nullopt}).save();
}

class Weights : public ::testing::Test {
 protected:
  // A run of the network `net`, as far as weights are taken from it: checkpoints of the steps 1 and 3.
  Weights() {
    Session session(checked_experiment(document_of(experiment_yaml("net")), plugin_registry()), {1, std::nullopt});
    fs::create_directories(checkpoints());
    session.advance();
    write_checkpoint(checkpoints(), 1, first_ = session.save());
    session.advance();
    session.advance();
    write_checkpoint(checkpoints(), 3, last_ = session.save());
  }

  fs::path run() const { return folder_.path() / "run"; }
  fs::path checkpoints() const { return run() / "checkpoints"; }
  std::string from(const std::string& more) const {
    return fmt::format(", weights: {{from: {}{}}}", run().string(), more);
  }

  static void expect_equal(const CheckpointState& state, const std::string& name, const CheckpointState& source,
                           const std::string& source_name) {
    EXPECT_TRUE(state.arrays.at(name) == source.arrays.at(source_name)) << name << " is not " << source_name;
  }

  std::string refusal(const std::string& weights, ExitCode code) const {
    try {
      start_of(experiment_yaml("net", weights));
    } catch (const UserError& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_THAT(error.what(), StartsWith("e.yaml:3:")) << "the place is the experiment's";
      EXPECT_THAT(error.what(), HasSubstr(": networks.net.weights: "));
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
  CheckpointState first_, last_;
};

const std::vector<std::string> weights_and_statistics{"dense_1/weight",
                                                      "dense_1/bias",
                                                      "batch_norm_1/gamma",
                                                      "batch_norm_1/beta",
                                                      "batch_norm_1/running_mean",
                                                      "batch_norm_1/running_variance",
                                                      "dense_2/weight",
                                                      "dense_2/bias"};

TEST_F(Weights, OfTheNewestCheckpointAreWhereTrainingStarts) {
  const CheckpointState state = start_of(experiment_yaml("copy", from(", network: net")));
  for (const std::string& name : weights_and_statistics) {
    expect_equal(state, "networks/copy/" + name, last_, "networks/net/" + name);
    EXPECT_FALSE(last_.arrays.at("networks/net/" + name) == first_.arrays.at("networks/net/" + name)) << name;
  }
  // The average of what is loaded begins as that; nothing of the other's optimizer is taken.
  expect_equal(state, "averages/copy/dense_1/weight", last_, "networks/net/dense_1/weight");
  for (const auto& [name, array] : state.arrays) {
    if (!name.starts_with("optimizers/")) continue;
    EXPECT_THAT(array.bytes, Each(std::byte{0})) << name;
  }
  EXPECT_EQ(state.counter("step"), 0);
}

TEST_F(Weights, OfAStepAreThoseOfItsCheckpoint) {
  expect_equal(start_of(experiment_yaml("net", from(", step: 1"))), "networks/net/dense_1/weight", first_,
               "networks/net/dense_1/weight");
}

TEST_F(Weights, OfACheckpointFileAreReadWithoutItsRun) {
  const fs::path file = folder_.path() / "kept.h5";
  fs::copy(checkpoint_path(checkpoints(), 1), file);
  const std::string weights = fmt::format(", weights: {{from: {}}}", file.string());
  expect_equal(start_of(experiment_yaml("net", weights)), "networks/net/dense_1/weight", first_,
               "networks/net/dense_1/weight");
}

TEST_F(Weights, AsAveragesComeWithTheRunningStatisticsThatAllShare) {
  const CheckpointState state = start_of(experiment_yaml("net", from(", average: true")));
  expect_equal(state, "networks/net/dense_1/weight", last_, "averages/net/dense_1/weight");
  expect_equal(state, "averages/net/dense_1/weight", last_, "averages/net/dense_1/weight");
  expect_equal(state, "networks/net/batch_norm_1/running_mean", last_, "networks/net/batch_norm_1/running_mean");
  EXPECT_FALSE(last_.arrays.at("averages/net/dense_1/weight") == last_.arrays.at("networks/net/dense_1/weight"));
}

TEST_F(Weights, TakeOnThePrecisionOfTheTraining) {
  const CheckpointState state = start_of(experiment_yaml("net", from(""), "engine: {precision: float64}\n"));
  const StoredArray& wide = state.arrays.at("networks/net/dense_2/bias");
  ASSERT_EQ(wide.dtype, DType::float64);
  double value = 0;
  float narrow = 0;
  std::memcpy(&value, wide.bytes.data(), sizeof value);
  std::memcpy(&narrow, last_.arrays.at("networks/net/dense_2/bias").bytes.data(), sizeof narrow);
  EXPECT_EQ(value, narrow);
}

// A shared weight belongs to every network that shares it.
TEST_F(Weights, OfOneNetworkAreThoseOfAllThatShareThem) {
  const std::string shared =
      "data: {{train: {{gaussian: {{dimensions: 2}}}}, batch: 8}}\n"
      "networks:\n"
      "  a: {{inputs: {{x: [2]}}, layers: [dense: {{units: 1, share: s, bias: false}}]}}\n"
      "  b: {{inputs: {{x: [2]}}, layers: [dense: {{units: 1, share: s, bias: false}}]{}}}\n"
      "values: {{y: a(data.point) + b(data.point)}}\n"
      "players: {{one: {{updates: a, optimizer: sgd, loss: {{expression: y}}}}}}\n"
      "train: {{steps: 3}}\n";
  const fs::path file = folder_.path() / "shared.safetensors";
  StoredArray array{{1, 2}, DType::float32, Bytes(8)};
  const float values[] = {7, 8};
  std::memcpy(array.bytes.data(), values, 8);
  write_safetensors(file, {{"s.weight", array}});
  const std::string weights = fmt::format(", weights: {{from: {}}}", file.string());
  const CheckpointState state = start_of(fmt::format(fmt::runtime(shared), weights));
  EXPECT_EQ(state.arrays.at("shared/s/weight").bytes, array.bytes);
  EXPECT_NE(start_of(fmt::format(fmt::runtime(shared), "")).arrays.at("shared/s/weight").bytes, array.bytes);
}

TEST_F(Weights, ThatAreNotThereAreNamed) {
  EXPECT_THAT(refusal(from(", network: nat"), ExitCode::experiment),
              AllOf(HasSubstr("step-000003.h5: has no networks/nat/dense_1/"),
                    HasSubstr("which of its networks is meant: net")));
  EXPECT_THAT(refusal(from(", step: 2"), ExitCode::data),
              AllOf(HasSubstr("has no checkpoint of step 2"), HasSubstr("it has those of 1, 3")));
  fs::remove_all(checkpoints());
  EXPECT_THAT(refusal(from(""), ExitCode::data), HasSubstr("holds no checkpoint"));
}

TEST_F(Weights, OfAnotherShapeAreNamedWithBothShapes) {
  CheckpointState state = last_;
  state.arrays.at("networks/net/dense_2/weight").shape = {1, 3};
  write_checkpoint(checkpoints(), 4, state);
  EXPECT_THAT(refusal(from(""), ExitCode::experiment),
              HasSubstr("networks/net/dense_2/weight has the shape [1, 3], networks/net/dense_2/weight has [3, 1]"));
}

TEST_F(Weights, WithoutAveragesCannotBeTakenAsThose) {
  CheckpointState state = last_;
  std::erase_if(state.arrays, [](const auto& array) { return array.first.starts_with("averages/"); });
  write_checkpoint(checkpoints(), 4, state);
  EXPECT_THAT(refusal(from(", average: true"), ExitCode::experiment), HasSubstr("leave `average` away"));
}

// Other weights than the user thinks would be a silent mistake.
TEST_F(Weights, OfADamagedCheckpointAreNotReplacedByOlderOnes) {
  fs::resize_file(checkpoint_path(checkpoints(), 3), 1000);
  EXPECT_THAT(refusal(from(""), ExitCode::data), HasSubstr("step-000003.h5"));
}

class Warnings : public TrainListener {
 public:
  void started(const Session&, const fs::path&) override {}
  void stepped(const Session&, const StepReport&, double) override {}
  void sampled(const fs::path&) override {}
  void evaluating(int64_t, int64_t) override {}
  void evaluated(int64_t, const std::string&, std::span<const EvaluationRecord>) override {}
  void kept_best(const BestCheckpoint&) override {}
  void ended(const std::string&) override {}
  void saved(const fs::path&) override {}
  void warned(const std::string& text) override { texts.push_back(text); }
  std::vector<std::string> texts;
};

class WeightsOfARun : public Weights {
 protected:
  // Trains to the end; what was warned about is in warnings_.
  CheckpointState train(duel::Run run) {
    warnings_.texts.clear();
    const std::atomic<bool> stop{false};
    EXPECT_EQ(run.train(stop, warnings_), TrainEnd::complete);
    return run.session().save();
  }
  RunOptions options() const { return {folder_.path() / "second", {1, std::nullopt}, {}, nullptr}; }
  duel::Run resume(const std::vector<std::string>& overrides) {
    return duel::Run::resume(options().folder, plugin_registry(), overrides, options(), warnings_);
  }

  Warnings warnings_;
};

TEST_F(WeightsOfARun, AreNotNeededOnceItHasACheckpoint) {
  train(duel::Run::create(document_of(experiment_yaml("net", from(""))), plugin_registry(), options()));
  EXPECT_THAT(warnings_.texts, IsEmpty());
  fs::remove_all(run());
  const CheckpointState resumed = train(resume({"train.steps=5"}));
  const std::string whole = experiment_yaml("net", from(""));
  EXPECT_EQ(resumed.counter("step"), 5);
  EXPECT_THROW(start_of(whole), UserError) << "a new training needs them";
}

TEST_F(WeightsOfARun, AreNeededWhileItHasNone) {
  train(duel::Run::create(document_of(experiment_yaml("net", from(""))), plugin_registry(), options()));
  fs::remove_all(options().folder / "checkpoints");
  fs::create_directories(options().folder / "checkpoints");
  fs::remove_all(run());
  EXPECT_THROW(resume({}), UserError);
}

TEST_F(WeightsOfARun, ResumedIsTheSameAsNeverStopped) {
  const std::string yaml = experiment_yaml("net", from(""), "checkpoint: {every: 1}\n");
  const CheckpointState whole = train(duel::Run::create(document_of(yaml), plugin_registry(), options()));
  fs::remove(checkpoint_path(options().folder / "checkpoints", 3));
  EXPECT_TRUE(train(resume({})) == whole);
}

TEST_F(WeightsOfARun, ThatHaveNoPlaceAreWarnedOf) {
  CheckpointState state = last_;
  state.arrays["networks/net/dense_3/weight"] = {{}, DType::float32, Bytes(4)};
  write_checkpoint(checkpoints(), 4, state);
  train(duel::Run::create(document_of(experiment_yaml("net", from(""))), plugin_registry(), options()));
  EXPECT_THAT(warnings_.texts,
              ElementsAre(AllOf(HasSubstr("starts from 8 arrays of "),
                                HasSubstr("has 1 more that it has no place for: networks/net/dense_3/weight"))));
}

}  // namespace
}  // namespace duel
