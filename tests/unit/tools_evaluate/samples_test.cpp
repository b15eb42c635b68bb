// What becomes of the samples of a run: `duel sample` writes them, and `duel score` reads them, also as run.h5 has
// them.
#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "data/npy_array.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

using Words = std::vector<std::string>;

constexpr const char* sampled_yaml = R"yaml(
name: sampled
seed: 3
data: {train: {gaussian: {mean: 0.5, deviation: 0.1}}, batch: 16}
networks: {generator: {inputs: {z: [4]}, layers: [dense: 8, relu, dense: 2]}}
values: {z: normal(4), fake: generator(z), steps: previous(steps) + 1, never: "previous(never, 5) + 1"}
players: {generator: {updates: generator, optimizer: {sgd: {lr: 0.01}}, loss: {expression: square(fake - 1) + 0 * steps}}}
train: {steps: 20}
sample: {value: fake, count: 50, every: 10, plot: scatter}
checkpoint: {every: 10}
)yaml";

class Samples : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("s.yaml", sampled_yaml);
    const ProgramEnd end = run_program({"train", "s.yaml", "--out", "run", "--quiet"}, folder_.path());
    ASSERT_EQ(end.code, 0) << end.errors;
  }
  ProgramEnd run(const Words& words) const { return run_program(words, folder_.path()); }
  json score(const std::string& real, const std::string& fake) const {
    const ProgramEnd end = run({"score", real, fake, "--json", "--no-floor"});
    EXPECT_EQ(end.code, 0) << end.errors;
    return json::parse(end.output).at(0);
  }
  std::string refused(const std::string& side) const {
    const ProgramEnd end = run({"score", side, side});
    EXPECT_NE(end.code, 0) << end.output;
    return end.errors;
  }

  TemporaryFolder folder_;
};

TEST_F(Samples, AreWrittenAsTheNameSays) {
  for (const std::string name : {"x.npy", "x.h5", "x.png"}) {
    const ProgramEnd end = run({"sample", "run", "-n", "40", "-o", name});
    EXPECT_EQ(end.code, 0) << end.errors;
    EXPECT_THAT(end.output, StartsWith(name + ": 40 samples of step 20"));
  }
  const NpyArray array = decode_npy(read_file(folder_.path() / "x.npy"), "x.npy");
  EXPECT_EQ(array.type, ElementType::f32);
  EXPECT_EQ(array.extents, (std::vector<int64_t>{40, 2}));
  EXPECT_THAT(read_text(folder_.path() / "x.png"), StartsWith("\x89PNG"));
  const json record = score("x.npy", "x.h5:/values");
  EXPECT_EQ(record.at("n_fake"), 40);
  EXPECT_NEAR(record.at("value").get<double>(), 0, 1e-12) << "the same values in both";
}

// `steps` counts them; `never` is computed by no step, so that no checkpoint holds what it remembers.
TEST_F(Samples, ShowWhatValuesRemember) {
  const auto shown = [&](const std::string& value, const std::string& step) {
    const ProgramEnd end = run(
        {"sample", "run", "-n", "1", "--step", step, "--value", value + " + normal(2, deviation=0)", "-o", "x.npy"});
    EXPECT_EQ(end.code, 0) << end.errors;
    const NpyArray array = decode_npy(read_file(folder_.path() / "x.npy"), "x.npy");
    float number = 0;
    std::memcpy(&number, array.bytes.data() + array.offset, sizeof number);
    return number;
  };
  EXPECT_EQ(shown("steps", "10"), 11);
  EXPECT_EQ(shown("steps", "20"), 21);
  EXPECT_EQ(shown("never", "20"), 6);
  EXPECT_EQ(
      run({"sample", "run", "--value", "fake * previous(steps)", "-o", "x.npy"}).errors,
      "--value: only what training computes is remembered from step to step; write it under `values:`, and here that "
      "value's name\n");
}

TEST_F(Samples, AreRefusedUnderANameOfAnotherKind) {
  const ProgramEnd end = run({"sample", "run", "-o", "x.jpg"});
  EXPECT_EQ(end.code, 2);
  EXPECT_EQ(
      end.errors,
      "--output x.jpg: nothing is written under such a name; give FILE.png for a picture, FILE.npy or FILE.h5 for "
      "the values, or say which by --format\n");
}

TEST_F(Samples, HaveTheFormatThatIsAskedFor) {
  EXPECT_EQ(run({"sample", "run", "-n", "3", "--format", "npy", "-o", "x.values"}).code, 0);
  EXPECT_EQ(decode_npy(read_file(folder_.path() / "x.values"), "x").extents, (std::vector<int64_t>{3, 2}));
  const ProgramEnd unnamed = run({"sample", "run", "-n", "3", "--format", "hdf5"});
  EXPECT_THAT(unnamed.output, StartsWith("samples.h5: 3 samples"));
}

// Two pictures of steps 10 and 20.
TEST_F(Samples, AreAnimatedOverTraining) {
  const ProgramEnd end = run({"animate", "run", "-o", "moving.png", "--milliseconds", "100"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_EQ(end.output, "moving.png: 2 pictures of 100 ms each\n");
  EXPECT_THAT(read_text(folder_.path() / "moving.png"), HasSubstr("acTL"));
  EXPECT_THAT(run({"animate", "run", "--name", "sampl"}).errors, HasSubstr("did you mean 'sample'?"));
  EXPECT_THAT(run({"animate", "run", "-o", "x.gif"}).errors, HasSubstr("an animation is a PNG file"));
}

TEST_F(Samples, OfARunAreScoredByIndexOrStep) {
  const json newest = score("run/run.h5:/samples/fake/values[0]", "run/run.h5:/samples/fake/values[-1]");
  EXPECT_EQ(newest.at("n_real"), 50);
  EXPECT_GT(newest.at("value").get<double>(), 1e-6) << "of steps 10 and 20";
  const json by_step = score("run/run.h5:/samples/fake/values[step=10]", "run/run.h5:/samples/fake/values[step=20]");
  EXPECT_EQ(by_step.at("value"), newest.at("value"));
}

TEST_F(Samples, OfARunThatAreNamedAmissAreRefused) {
  EXPECT_EQ(refused("run/run.h5:/samples/fake"),
            "run/run.h5: /samples/fake is a group; it holds picture, step, values; name a dataset: "
            "/samples/fake/values\n");
  EXPECT_EQ(refused("run/run.h5:/samples/fake/values"),
            "run/run.h5: /samples/fake/values holds the snapshots of several steps; say which: "
            "/samples/fake/values[-1] is the newest, /samples/fake/values[step=600] that of a step\n");
  EXPECT_EQ(refused("run/run.h5:/samples/fake/values[2]"),
            "run/run.h5: /samples/fake/values has 2 entries, and [2] is none of them; they are [0] to [1]; [-1] is the "
            "last one\n");
  EXPECT_EQ(refused("run/run.h5:/samples/fake/values[step=15]"),
            "run/run.h5: /samples/fake/values has no entry of step 15; it has those of 10, 20\n");
  EXPECT_THAT(refused("run/run.h5:/samples/fake/values[last]"), HasSubstr("'last' names no entry of the data set"));
  EXPECT_EQ(refused("run/run.h5:/samples/fak/values[0]"),
            "run/run.h5: /samples/fak/values does not exist: there is no 'fak'; did you mean '/samples/fake'?\n");
}

}  // namespace
}  // namespace duel
