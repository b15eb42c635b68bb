// `duel doctor` on runs that are broken on purpose, each in one way, and on those that are well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/written_run.hpp"
#include "tools/doctor/curve.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using Words = std::vector<std::string>;

// A ring of eight Gaussians that a small generator learns in a few hundred steps.
constexpr const char* ring_yaml = R"yaml(
name: ring
seed: 1
data: {train: {ring: {modes: 8, radius: 1, deviation: 0.02}}, batch: 64}
networks:
  generator: {inputs: {z: [8]}, layers: [dense: 32, relu, dense: 32, relu, dense: 2]}
  discriminator: {inputs: {x: [2]}, layers: [dense: 32, leaky_relu: 0.2, dense: 32, leaky_relu: 0.2, dense: 1]}
values:
  real: data.point
  z: normal(8)
  fake: generator(z)
  d_real: discriminator(real)
  d_fake: discriminator(fake)
players:
  discriminator:
    updates: discriminator
    optimizer: {adam: {lr: 1.0e-3, beta1: 0.5}}
    loss: [{bce: {logits: d_real, target: 1}}, {bce: {logits: d_fake, target: 0}}]
  generator:
    updates: generator
    optimizer: {adam: {lr: 1.0e-3, beta1: 0.5}}
    loss: {bce: {logits: d_fake, target: 1}}
train: {steps: 600}
sample: {value: fake, reference: real, count: 64, every: 100, plot: scatter, range: [-1.5, 1.5]}
)yaml";

const std::string far_away = "data.train={gaussian: {mean: 5, deviation: 0.1, dimensions: 2}}";

class Doctor : public testing::Test {
 protected:
  Doctor() { folder_.write("ring.yaml", ring_yaml); }

  ProgramEnd start(const Words& arguments) const { return run_program(arguments, folder_.path()); }
  // Trains and examines; the training ends with `code`.
  json examined(const std::string& experiment, Words overrides, int code = 0) const {
    overrides.insert(overrides.begin(), {"train", experiment, "--out", "run", "--quiet"});
    const ProgramEnd trained = start(overrides);
    EXPECT_EQ(trained.code, code) << trained.errors;
    return examined_run();
  }
  json examined_run() const {
    const ProgramEnd end = start({"doctor", "run", "--json"});
    EXPECT_EQ(end.code, 0) << end.errors;
    return json::parse(end.output);
  }
  static Words illnesses(const json& found) {
    Words out;
    for (const json& one : found.at("diagnoses")) out.push_back(one.at("illness"));
    return out;
  }

  const TemporaryFolder folder_;
};

TEST_F(Doctor, NamesASaturatedDiscriminator) {
  const json found = examined("ring.yaml", {far_away, "players.discriminator.optimizer.adam.lr=1.0e-1",
                                            "players.generator.optimizer.adam.lr=1.0e-4", "train.steps=300"});
  EXPECT_THAT(illnesses(found), Contains("discriminator saturated"));
  EXPECT_FALSE(found.at("healthy").get<bool>());
  const json& one = found.at("diagnoses").at(0);
  EXPECT_EQ(one.at("series"), "discriminator.loss");
  EXPECT_EQ(one.at("steps").size(), 300u);
  EXPECT_EQ(one.at("values").size(), 300u);
  EXPECT_THAT(one.at("advice").at(0).get<std::string>(), HasSubstr("learning rate"));
}

TEST_F(Doctor, NamesAGeneratorThatDoesNotLearn) {
  const json found = examined("ring.yaml", {"players.generator.optimizer.adam.lr=0", far_away});
  EXPECT_THAT(illnesses(found), Contains("discriminator saturated"));
}

TEST_F(Doctor, NamesAGradientThatHasVanished) {
  const json found = examined(
      "ring.yaml", {"players.discriminator.loss=[{minimax: {real: d_real, fake: d_fake, side: discriminator}}]",
                    "players.generator.loss=[{minimax: {fake: d_fake, side: generator}}]",
                    "players.discriminator.optimizer.adam.lr=1.0e-2", "players.generator.optimizer.adam.lr=1.0e-6",
                    "train.on_collapse={window: 20}", far_away});
  EXPECT_THAT(illnesses(found), IsSupersetOf({"discriminator saturated", "generator gradient vanished"}));
}

TEST_F(Doctor, NamesADivergence) {
  const json found = examined("ring.yaml",
                              {"players.discriminator.optimizer={sgd: {lr: 1.0e+4}}",
                               "players.generator.optimizer={sgd: {lr: 1.0e+4}}", "checkpoint.every=1"},
                              4);
  EXPECT_THAT(illnesses(found), Contains("divergence"));
  EXPECT_EQ(found.at("state"), "stopped");
  EXPECT_THAT(found.at("diagnoses").at(0).at("evidence").get<std::string>(), HasSubstr("step "));
  // A run that has gone on is not held against what it was.
  EXPECT_TRUE(fs::exists(folder_.path() / "run/failure.txt"));
}

TEST_F(Doctor, NamesSamplesThatAreAllAlike) {
  const json found = examined("ring.yaml", {"values.z=normal(8, deviation=0)"});
  EXPECT_THAT(illnesses(found), Contains("diversity lost"));
  const json& diagnoses = found.at("diagnoses");
  const auto one = std::ranges::find(diagnoses, "diversity lost", [](const json& d) { return d.at("illness"); });
  EXPECT_EQ(one->at("series"), "fake");
  EXPECT_THAT(one->at("steps"), ElementsAre(100, 200, 300, 400, 500, 600));
}

TEST_F(Doctor, NamesADiscriminatorThatIsTooWeak) {
  const json found =
      examined("ring.yaml", {"players.discriminator.optimizer.adam.lr=0", "players.generator.optimizer.adam.lr=1.0e-4",
                             "networks.discriminator.layers[4].dense={units: 1, kernel_initializer: "
                             "{normal: {stddev: 1.0e-3}}}",
                             "values.z=normal(8, deviation=0.001)"});
  EXPECT_THAT(illnesses(found), Contains("discriminator too weak"));
}

TEST_F(Doctor, NamesEvaluationsThatGetWorse) {
  // fid falls from 90 to 70 in the first three; then a run whose values rise is written by hand.
  WrittenRun run;
  run.resolved = std::string(ring_yaml) + "evaluate: {name: quality, real: real, fake: fake, metrics: fid}\n";
  run.steps = 0;
  run.checkpoint = false;
  const fs::path folder = folder_.path() / "run";
  fs::create_directories(folder);
  RunLayout layout;
  layout.metrics = {"discriminator.loss"};
  layout.evaluations = {{"quality", {"fid"}}};
  layout.experiment = {{"name", "ring"}, {"resolved", run.resolved}};
  layout.provenance = {{"total_steps", "600"}};
  {
    RunFile file = RunFile::create(folder / "run.h5", layout);
    const std::vector<double> fid{90, 50, 20, 22, 60, 70, 80};
    for (std::size_t i = 0; i < fid.size(); ++i) {
      const double loss[] = {1.0};
      const auto step = static_cast<int64_t>(10 * (i + 1));
      file.append_metrics(step, 1.0 * static_cast<double>(i), loss);
      const StoredScore score{fid[i], {}, {}, run.record};
      file.append_evaluation(0, step, 1.0, {&score, 1});
    }
    file.flush();
  }
  const json found = examined_run();
  EXPECT_THAT(illnesses(found), ElementsAre("evaluations get worse"));
  EXPECT_EQ(found.at("diagnoses").at(0).at("evidence"), "fid was best at step 30 (20), and is 80 now");
  EXPECT_THAT(found.at("notes").at(0).get<std::string>(), HasSubstr("were not compared"));
}

TEST_F(Doctor, DrawsTheCurveAndSaysWhatToTry) {
  examined("ring.yaml", {"values.z=normal(8, deviation=0)", "train.steps=300"});
  const ProgramEnd end = start({"doctor", "run"});
  EXPECT_THAT(end.output, HasSubstr("run: step 300 of 300, complete\n\ndiversity lost\n"));
  EXPECT_THAT(end.output, HasSubstr("  what to try:\n  - see that the generator reads its noise"));
  EXPECT_THAT(end.output, HasSubstr("step 100"));
  EXPECT_THAT(end.output, HasSubstr("  0 |▁"));
}

TEST_F(Doctor, RefusesWhatIsNoRun) {
  const ProgramEnd end = start({"doctor", "nowhere"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(end.errors, "nowhere holds no run; name a folder that 'duel train' made: it has a run.h5\n");
}

struct Healthy {
  std::string name;
  std::string experiment;
  Words overrides;
};

class Well : public Doctor, public testing::WithParamInterface<Healthy> {};

TEST_P(Well, IsLeftInPeace) {
  const fs::path file = fs::path(DUEL_SOURCE_DIR) / "experiments" / GetParam().experiment;
  const json found = examined(GetParam().experiment == "ring.yaml" ? "ring.yaml" : file.string(), GetParam().overrides);
  EXPECT_THAT(illnesses(found), IsEmpty()) << found.dump(1);
  EXPECT_TRUE(found.at("healthy").get<bool>());
  EXPECT_THAT(start({"doctor", "run"}).output, HasSubstr("healthy: its records show nothing that is wrong\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Runs, Well,
    testing::Values(
        Healthy{"digits",
                "digits/mlp.smoke.yaml",
                {"train.steps=250", "data.batch=16", "sample[0].every=50", "checkpoint.every=250"}},
        Healthy{"gaussian", "points/gaussian.smoke.yaml", {"train.steps=400", "sample[0].every=50"}},
        Healthy{"ring", "ring.yaml", {}},
        Healthy{"dirac",
                "points/dirac_r1.yaml",
                {"sample={value: 'concat(fake, fake)', reference: 'concat(real, real)', every: 200, plot: scatter}"}}),
    [](const auto& test) { return test.param.name; });

// ---- the drawing

std::string lines_of(const std::vector<double>& values, std::size_t columns = 60) {
  Curve curve;
  for (std::size_t i = 0; i < values.size(); ++i) curve.steps.push_back(static_cast<int64_t>(i + 1));
  curve.values = values;
  return draw(curve, "", columns);
}

TEST(CurveInText, RisesWithItsValues) {
  EXPECT_EQ(lines_of({0, 1, 2, 4}),
            "4 |   █\n"
            "  |   █\n"
            "  |  ▁█\n"
            "  |  ██\n"
            "  | ▅██\n"
            "0 |▁███\n"
            "   step 1 4\n");
}

TEST(CurveInText, LeavesOutWhatIsMissing) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(lines_of({missing, 1, missing, 2}), HasSubstr("1 | ▁ █\n"));
  EXPECT_EQ(lines_of({missing, missing}), "");
  EXPECT_EQ(lines_of({}), "");
}

TEST(CurveInText, AveragesTheStepsOfAColumn) {
  const std::string drawn = lines_of({1, 3, 5, 7}, 2);
  EXPECT_THAT(drawn, HasSubstr("6 | █\n"));
  EXPECT_THAT(drawn, HasSubstr("2 |▁█\n"));
}

TEST(CurveInText, IsLogarithmicOverDecades) {
  const std::string drawn = lines_of({1, 100, 10000});
  EXPECT_THAT(drawn, HasSubstr("(logarithmic)"));
  EXPECT_THAT(drawn, HasSubstr("      |  █\n"));
  EXPECT_THAT(drawn, HasSubstr("    1 |▁██\n"));
  EXPECT_THAT(lines_of({-1, 100, 10000}), Not(HasSubstr("(logarithmic)")));
}

}  // namespace
}  // namespace duel
