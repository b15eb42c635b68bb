// The full variants, of the size that their papers published: each is right, and its training steps can be built. None
// is trained here, and their data are stood in for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/turns.hpp"
#include "plugins/register.hpp"
#include "tests/experiment/gallery.hpp"
#include "tests/experiment/stand_in_data.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"
#include "train/session.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* data_variable = "DUEL_DATA";

class FullVariants : public ::testing::Test {
 protected:
  // From here on, experiments find their data.
  void stand_in_for_data() {
    const char* before = std::getenv(data_variable);
    if (before != nullptr) before_ = before;
    make_stand_in_data(data_.path());
    ASSERT_EQ(setenv(data_variable, data_.path().c_str(), 1), 0);
    changed_ = true;
  }
  void TearDown() override {
    if (!changed_) return;
    if (before_) {
      setenv(data_variable, before_->c_str(), 1);
    } else {
      unsetenv(data_variable);
    }
  }

  static std::shared_ptr<const Experiment> read(const std::string& name) {
    return checked_experiment(load_document(experiment_file(name)), filled_registry<register_plugins>());
  }
  // The step of each phase.
  static std::vector<StepGraph> steps(const Experiment& experiment) {
    ModelOptions options;
    options.fields = known_data(experiment).fields;
    std::vector<StepGraph> out;
    for (std::size_t phase = 0; phase < experiment.train.phases.size(); ++phase) {
      out.push_back(build_step(experiment, options, whole_variant(experiment, experiment.data.batch, phase)));
    }
    return out;
  }
  // The trained weights of all networks: how many numbers each has.
  static std::map<std::string, int64_t> weights(const StepGraph& step) {
    std::map<std::string, int64_t> out;
    for (const VariableStart& start : step.variables) {
      if (start.initializer == nullptr || !start.name.starts_with("networks/")) continue;
      out[start.name] = start.shape.elements();
    }
    return out;
  }

 private:
  TemporaryFolder data_;
  bool changed_ = false;  // the variable
  std::optional<std::string> before_;
};

class FullVariant : public FullVariants, public ::testing::WithParamInterface<std::string> {};

TEST_P(FullVariant, PassesItsCheck) {
  stand_in_for_data();
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"check", experiment_file(GetParam()).string()}, folder.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr(": ok: "));
}

TEST_P(FullVariant, HasStepsThatTogetherTrainEveryWeight) {
  stand_in_for_data();
  const auto experiment = read(GetParam());
  std::set<std::string> trained;
  std::map<std::string, int64_t> all;
  for (const StepGraph& step : steps(*experiment)) {
    all.merge(weights(step));
    for (const GradientCheck& check : step.checks) trained.insert("networks/" + check.weight);
  }
  EXPECT_FALSE(all.empty());
  for (const auto& [name, elements] : all) EXPECT_TRUE(trained.contains(name)) << name;
}

TEST_P(FullVariant, IsNamedAfterTheExperimentThatItEnlarges) {
  const std::string small = GetParam().substr(0, GetParam().size() - std::string_view(".full").size());
  const auto name = [](const std::string& of) { return load_document(experiment_file(of)).root.find("name")->text; };
  EXPECT_EQ(name(GetParam()), name(small) + "-full");
}

TEST_P(FullVariant, IsWhatANewExperimentCanBeginWith) {
  stand_in_for_data();
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"new", "mine", "--from", GetParam()}, folder.path());
  ASSERT_EQ(end.code, 0) << end.errors;
  const ProgramEnd check = run_program({"check", "mine.yaml"}, folder.path());
  EXPECT_EQ(check.code, 0) << check.errors;
}

INSTANTIATE_TEST_SUITE_P(Experiments, FullVariant, ::testing::ValuesIn(full_experiments()),
                         [](const auto& test) { return test_name(test.param); });

TEST_F(FullVariants, ExistForEveryFamily) {
  std::set<std::string> full;
  for (const std::string& name : full_experiments()) full.insert(name);
  for (const std::string& name : gallery_experiments()) {
    if (!name.starts_with("families/")) continue;
    EXPECT_TRUE(full.contains(name + ".full")) << name;
  }
}

TEST_F(FullVariants, StandInNoList) {
  const TemporaryFolder folder;
  const ProgramEnd end = run_program({"new", "mine", "--from", "nothing"}, folder.path());
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.errors, HasSubstr("families/sngan"));
  EXPECT_THAT(end.errors, Not(HasSubstr(".full")));
}

// As other programs count the weights of the same networks: DCGAN_G and DCGAN_D of the authors of WGAN, with 64 filters
// for 64 x 64 pixels, and BigGAN with ch = 96 for 128 x 128 pixels, as its tests in google/compare_gan and the notes in
// ajbrock/BigGAN-PyTorch have them. In millions: table 1 of the paper of BigGAN, of both networks together.
TEST_F(FullVariants, HaveAsManyWeightsAsTheNetworksOfTheirAuthors) {
  stand_in_for_data();
  const auto count = [&](const std::string& name, const std::vector<std::string>& networks) {
    int64_t sum = 0;
    for (const auto& [weight, elements] : weights(steps(*read(name)).at(0))) {
      for (const std::string& network : networks) {
        if (weight.starts_with("networks/" + network + "/")) sum += elements;
      }
    }
    return sum;
  };
  for (const char* name : {"families/wgan.full", "families/hinge.full"}) {
    EXPECT_EQ(count(name, {"generator"}), 3'576'704) << name;
    EXPECT_EQ(count(name, {"critic", "discriminator"}), 2'765'568) << name;
  }
  EXPECT_EQ(count("families/biggan.full", {"generator"}), 70'433'988);
  EXPECT_EQ(count("families/biggan.full", {"discriminator", "head"}), 87'982'370);
  EXPECT_NEAR(static_cast<double>(count("families/sagan.full", {"generator", "discriminator", "head"})), 81.5e6,
              0.05e6);
}

}  // namespace
}  // namespace duel
