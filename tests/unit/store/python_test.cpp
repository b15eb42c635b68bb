// What docs/run-folder.md says in Python, run by Python: h5py and pandas are readers that know nothing of duel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "run_fixture.hpp"
#include "store/checkpoint.hpp"
#include "store/evaluation_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr const char* python = "/usr/bin/python3";

bool python_has_readers() {
  return std::system(fmt::format("{} -c 'import h5py, pandas' 2> /dev/null", python).c_str()) == 0;
}

// The n-th block of Python in the document.
std::string documented_code(int number) {
  const std::string text = read_text(fs::path(DUEL_SOURCE_DIR) / "docs/run-folder.md");
  constexpr std::string_view opening = "```python\n";
  std::size_t start = 0;
  for (int i = 0; i <= number; ++i) {
    start = text.find(opening, start);
    if (start == std::string::npos) return "raise SystemExit('the document has no such block')";
    start += opening.size();
  }
  return text.substr(start, text.find("```", start) - start);
}

// Runs the code in the folder; what it prints is shown when it fails.
int run_python(const TemporaryFolder& folder, const std::string& code) {
  const fs::path script = folder.write("script.py", code);
  return std::system(fmt::format("cd {} && {} {} > printed 2>&1 || {{ cat printed; false; }}", folder.path().string(),
                                 python, script.string())
                         .c_str());
}

class Python : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!python_has_readers()) GTEST_SKIP() << "needs python3-h5py and python3-pandas";
  }

  const TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "run.h5";
  const RunLayout layout_ = small_layout();
};

TEST_F(Python, ReadsAFinishedRun) {
  {
    RunFile file = RunFile::create(path_, layout_);
    append_steps(file, layout_, 1, 700, 1000);
  }
  EXPECT_EQ(run_python(folder_, documented_code(0) + R"(
import numpy
assert list(metrics.index) == list(range(1, 701))
assert numpy.array_equal(metrics["time"], 0.25 * metrics.index)
assert numpy.allclose(metrics["generator.loss"], numpy.sin(metrics.index) + 10, rtol=0, atol=1e-12)
assert pictures["fixed"].shape == (70, 8, 6, 3) and pictures["moving"].shape == (70, 5, 7, 1)
assert (pictures["moving"][3].ravel() == 40 + numpy.arange(35)).all()
assert experiment == ""
assert [resume.get("step") for resume in history] == [None] + [str(100 * i) for i in range(1, 12)]
assert history[0]["threads"] == "2" and history[11]["host"] == "größe"
assert list(scores.index) == [40 * i for i in range(1, 18)]
assert numpy.allclose(scores["kid"], numpy.cos(scores.index) + 10, rtol=0, atol=1e-12)
assert numpy.array_equal(errors["kid"], 0.5 * scores.index) and errors["fid"].isna().all()
assert numpy.array_equal(floors["fid"], numpy.where(floors.index % 80 == 0, floors.index / 8, numpy.nan), equal_nan=True)
assert record == {"metric": "größe 1", "step": 680}
with h5py.File("run.h5", "r") as run:
    assert run["experiment/written"].asstr()[()] == "networks:\n  größe: 3\n"
    # A viewer follows these from the root to a curve and its axis.
    entry = run[run.attrs["default"].decode()]
    data = entry[entry.attrs["default"].decode()]
    assert data.attrs["NX_class"] == b"NXdata" and data.attrs["axes"] == b"step"
    assert data.attrs["signal"] == b"discriminator.loss"
    assert list(data.attrs["auxiliary_signals"]) == [b"generator.loss", b"gradient norm"]
    assert list(data["generator.loss"].dims[0].keys()) == ["step", "time"]
    assert run["samples/fixed/picture"].dims[0]["step"] == run["samples/fixed/step"]
    assert run["samples/fixed/picture"].attrs["CLASS"] == b"IMAGE"
    evaluation = run["evaluations/while training"]
    assert run["evaluations"].attrs["default"] == b"while training" and evaluation.attrs["NX_class"] == b"NXdata"
    assert evaluation.attrs["signal"] == b"fid" and list(evaluation.attrs["auxiliary_signals"]) == [b"kid"]
    for path in "fid", "uncertainty/kid", "floor/fid", "records/kid":
        assert list(evaluation[path].dims[0].keys()) == ["step", "time"]
    assert run["samples/fixed/values"].shape == (70, 4, 4, 3, 3) and run["samples/fixed/values"].dtype == "float32"
)"),
            0);
}

TEST_F(Python, ReadsARunWhileItIsWrittenAndAfterAKill) {
  const pid_t child = start_child([&] {
    RunFile file = RunFile::create(path_, layout_);
    append_steps(file, layout_, 1, 1000000000, 5);
    return 0;
  });
  while (!fs::exists(path_)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const std::string code = documented_code(0) + R"(
import numpy
assert list(metrics.index) == list(range(1, len(metrics) + 1))
assert list(scores.index) == [40 * i for i in range(1, len(scores) + 1)]
assert numpy.allclose(scores["fid"], numpy.cos(scores.index), rtol=0, atol=1e-12)
assert numpy.allclose(metrics["gradient norm"], numpy.sin(metrics.index) + 20, rtol=0, atol=1e-12)
)";
  EXPECT_EQ(run_python(folder_, code), 0);
  ::kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(run_python(folder_, code + "assert len(metrics) >= 5"), 0);
}

TEST_F(Python, ReadsAnEvaluationThatWasAskedForLater) {
  EvaluationFile evaluation{"final", 300, "2026-11-27T12:00:00Z", {}};
  evaluation.scores["fid"] = {12.5, std::nullopt, 0.25, R"({"metric": "größe"})"};
  evaluation.scores["kid"] = {-0.5, 0.125, std::nullopt, "{}"};
  create_folders(folder_.path() / "evaluations");
  write_evaluation(folder_.path() / "evaluations/final-step-000300.h5", evaluation);
  EXPECT_EQ(run_python(folder_, documented_code(1) + R"(
import numpy
assert (name, step, written) == ("final", 300, "2026-11-27T12:00:00Z")
assert values == {"fid": 12.5, "kid": -0.5}
assert floors["fid"] == 0.25 and numpy.isnan(floors["kid"])
assert records["fid"] == {"metric": "größe"} and records["kid"] == {}
with h5py.File("evaluations/final-step-000300.h5", "r") as file:
    assert file["uncertainty/kid"][()] == 0.125 and file["values/kid"].dtype == "float64"
)"),
            0);
}

TEST_F(Python, ReadsAndVerifiesCheckpoints) {
  const fs::path checkpoints = folder_.path() / "checkpoints";
  create_folders(checkpoints);
  CheckpointState state;
  const float weights[] = {1.5F, -2.0F, 3.25F};
  const auto bytes = std::as_bytes(std::span(weights));
  state.arrays["networks/generator/dense_1/bias"] = {{3}, DType::float32, {bytes.begin(), bytes.end()}};
  state.counters["step"] = 300;
  state.numbers["best"] = 0.25;
  state.texts["experiment"] = "größe";
  const fs::path path = write_checkpoint(checkpoints, 300, state);
  const std::string code = documented_code(2);
  EXPECT_EQ(run_python(folder_, code + R"(
with h5py.File("checkpoints/step-000300.h5", "r") as checkpoint:
    assert checkpoint.userblock_size == 512
    assert list(checkpoint["networks/generator/dense_1/bias"]) == [1.5, -2, 3.25]
    assert checkpoint["counters"].attrs["step"] == 300 and checkpoint["numbers"].attrs["best"] == 0.25
    assert checkpoint["texts/experiment"].asstr()[()] == "größe"
)"),
            0);
  Bytes damaged = read_file(path);
  damaged[600] ^= std::byte{1};
  write_file_atomically(path, damaged);
  EXPECT_EQ(run_python(folder_, "try:\n    exec(" + fmt::format("r'''{}'''", code) +
                                    ")\nexcept AssertionError as error:\n    assert 'damaged' in str(error)\n"
                                    "else:\n    raise SystemExit('the damage was not seen')"),
            0);
}

}  // namespace
}  // namespace duel
