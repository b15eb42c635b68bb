// Every experiment that comes with the program is right, and its smoke variant trains: on any number of threads to the
// same weights, and no weights but those that a player updates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/file.hpp"
#include "kernels/select.hpp"
#include "model/turns.hpp"
#include "plugins/register.hpp"
#include "store/checkpoint.hpp"
#include "store/run_file.hpp"
#include "tests/experiment/gallery.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

// As equal as records can be: in a phase that does not compute a metric, it is NaN.
bool same_records(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
  return std::ranges::equal(a, b, [](const std::vector<double>& one, const std::vector<double>& other) {
    return std::ranges::equal(one, other,
                              [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
  });
}

const Registry& registry() { return filled_registry<register_plugins>(); }

class Gallery : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (lacks_data(GetParam())) GTEST_SKIP() << "it needs real data: set DUEL_DATA to the folder that has it";
  }
  std::string file() const { return experiment_file(GetParam()).string(); }
};

class Listed : public Gallery {};

TEST_P(Listed, PassesItsCheck) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"check", file()}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr(": ok: "));
}

// `duel new` writes the same experiment, its name apart, as one file.
TEST_P(Listed, IsWhatANewExperimentCanBeginWith) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"new", "mine", "--from", GetParam()}, folder.path());
  ASSERT_EQ(end.code, 0) << end.errors;
  const std::vector<std::string> rename{"name=mine"};
  const Document made = load_document(folder.path() / "mine.yaml");
  EXPECT_EQ(made.text.find("extends:"), std::string::npos);
  const YamlNode original = load_document(file(), rename).root;
  EXPECT_EQ(made.root.entries.size(), original.entries.size());
  for (const YamlNode::Entry& entry : original.entries) {
    const YamlNode* same = made.root.find(entry.key);
    ASSERT_NE(same, nullptr) << entry.key;
    EXPECT_TRUE(same_content(*same, entry.value)) << entry.key << ":\n" << to_yaml(*same);
  }
  EXPECT_EQ(run_program({"check", "mine.yaml"}, folder.path()).code, 0);
}

INSTANTIATE_TEST_SUITE_P(Experiments, Listed, ::testing::ValuesIn(gallery_experiments()),
                         [](const auto& test) { return test_name(test.param); });

class Smoke : public Gallery {
 protected:
  // The whole training in memory.
  struct Trained {
    CheckpointState before;
    CheckpointState after;
    std::vector<std::string> names;  // of the metrics
    std::vector<std::vector<double>> metrics;
  };
  Trained train(int threads) const {
    Session session(checked_experiment(load_document(file()), registry()), {threads, std::nullopt});
    Trained out{session.save(), {}, session.metric_names(), {}};
    while (session.step() < session.total_steps()) out.metrics.push_back(session.advance().metrics);
    out.after = session.save();
    return out;
  }

  // The trained weights of the experiment, by the variable: whether a player updates them.
  std::map<std::string, bool> weights() const {
    const auto experiment = checked_experiment(load_document(file()), registry());
    ModelOptions options;
    options.fields = known_data(*experiment).fields;
    std::map<std::string, bool> out;
    for (std::size_t phase = 0; phase < experiment->train.phases.size(); ++phase) {
      const StepGraph step =
          build_step(*experiment, options, whole_variant(*experiment, experiment->data.batch, phase));
      for (const VariableStart& start : step.variables) {
        if (start.initializer != nullptr && start.name.starts_with("networks/")) out.try_emplace(start.name, false);
      }
      for (const GradientCheck& check : step.checks) out["networks/" + check.weight] = true;
    }
    return out;
  }
};

TEST_P(Smoke, PassesItsCheck) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"check", file()}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
}

TEST_P(Smoke, TrainsWhatItsPlayersUpdateAndNothingElse) {
  const Trained trained = train(1);
  const bool has_phases = checked_experiment(load_document(file()), registry())->train.phases.size() > 1;
  for (std::size_t i = 0; i < trained.names.size(); ++i) {
    const auto is_finite = [i](const std::vector<double>& metrics) { return std::isfinite(metrics[i]); };
    const auto finite = std::ranges::count_if(trained.metrics, is_finite);
    // In a phase that a player sits out, its loss has no value.
    EXPECT_TRUE(finite == std::ssize(trained.metrics) || (has_phases && finite > 0)) << trained.names[i];
  }
  const auto all = weights();
  EXPECT_FALSE(all.empty());
  for (const auto& [name, updated] : all) {
    EXPECT_EQ(trained.before.arrays.at(name) != trained.after.arrays.at(name), updated) << name;
  }
}

TEST_P(Smoke, DoesNotDependOnTheThreads) {
  const Trained one = train(1);
  const Trained two = train(2);
  EXPECT_TRUE(same_records(one.metrics, two.metrics)) << "the metrics differ";
  EXPECT_TRUE(one.after == two.after) << "the weights differ";
}

TEST_P(Smoke, LeavesAWholeRunBehind) {
  const TemporaryFolder folder;
  ProgramSettings settings;
  settings.blas_core = describe_blas().core;  // as in this process, so that the bits are the same
  const ProgramEnd end = run_program({"train", file(), "--out", "run", "--quiet"}, folder.path(), settings);
  ASSERT_EQ(end.code, 0) << end.errors;
  const Trained trained = train(1);
  auto checkpoint = load_newest_checkpoint(folder.path() / "run/checkpoints");
  ASSERT_TRUE(checkpoint.has_value());
  EXPECT_EQ(checkpoint->state.counters.at("step"), std::ssize(trained.metrics));
  // What train.on_collapse measured of the references is the run's, not the session's.
  std::erase_if(checkpoint->state.numbers,
                [](const auto& number) { return number.first.starts_with("reference_distance/"); });
  EXPECT_TRUE(checkpoint->state == trained.after) << "samples and checkpoints have changed the training";
  const RunRecords records = read_run(folder.path() / "run/run.h5");
  for (std::size_t metric = 0; metric < trained.names.size(); ++metric) {
    std::vector<double> expected;
    for (const int64_t step : records.steps) {
      expected.push_back(trained.metrics.at(static_cast<std::size_t>(step - 1))[metric]);
    }
    EXPECT_TRUE(same_records({records.metrics.at(trained.names[metric])}, {expected})) << trained.names[metric];
  }
  EXPECT_FALSE(records.steps.empty());
}

INSTANTIATE_TEST_SUITE_P(Experiments, Smoke, ::testing::ValuesIn(smoke_experiments()),
                         [](const auto& test) { return test_name(test.param); });

TEST(Experiments, ANameThatSeveralHaveMeansTheOneOfDigits) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"new", "mine", "--from", "dcgan"}, folder.path());
  ASSERT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("from digits/dcgan"));
  const Document made = load_document(folder.path() / "mine.yaml");
  EXPECT_EQ(made.root.find("data")->find("train")->text, "digits") << made.text;
}

// The gallery keeps its data elsewhere than a user does.
TEST(Experiments, ANewOneLooksForItsDataBesideItself) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program({"new", "a: b", "--from", "mnist/mlp"}, folder.path()).code, 0);
  const std::string text = read_text(folder.path() / "a: b.yaml");
  EXPECT_THAT(text, HasSubstr("name: \"a: b\"\n"));
  EXPECT_THAT(text, HasSubstr("${env:DUEL_DATA,data}/mnist/"));
  for (const std::string& name : gallery_experiments()) {
    ASSERT_EQ(run_program({"new", test_name(name), "--from", name}, folder.path()).code, 0);
    const std::string own = read_text(folder.path() / (test_name(name) + ".yaml"));
    EXPECT_EQ(own.find("../"), std::string::npos) << own;
  }
}

// From its bands, as metrics of each step say.
TEST(Experiments, ThePyramidOfLapganGivesImagesBack) {
  const std::string name = "translation/lapgan.smoke";
  if (lacks_data(name)) GTEST_SKIP() << "it needs real data: set DUEL_DATA to the folder that has it";
  Session session(checked_experiment(load_document(experiment_file(name)), registry()), {1, std::nullopt});
  const auto names = session.metric_names();
  const auto exact = std::ranges::find(names, "exact") - names.begin();
  ASSERT_LT(exact, std::ssize(names));
  while (session.step() < session.total_steps()) {
    EXPECT_LT(session.advance().metrics[static_cast<std::size_t>(exact)], 1e-6);
  }
}

// An experiment without a smoke variant would never be trained here.
TEST(Experiments, EachThatTrainsHasASmokeVariant) {
  std::set<std::string> smoke;
  for (const std::string& name : smoke_experiments()) smoke.insert(name);
  for (const std::string& name : gallery_experiments()) {
    const bool trains = load_document(experiment_file(name)).root.find("players") != nullptr;
    EXPECT_EQ(smoke.contains(name + ".smoke"), trains) << name;
  }
}

}  // namespace
}  // namespace duel
