// experiments/features/inception.yaml against torchvision's InceptionV3, on random weights of which torchvision writes
// the state dict (make_inception.py). The file of 24 million weights is made as the test runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "base/error.hpp"
#include "base/file.hpp"
#include "spec/read.hpp"
#include "store/safetensors.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/train/network_run.hpp"
#include "tests/unit/train/plugin_registry.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::SizeIs;

constexpr int modules_missing = 77;
constexpr int64_t convolutions = 94;  // each with a weight, and a normalisation with four arrays and a counter

HostTensor tensor_of_file(const SafetensorsFile& file, const std::string& name) {
  const std::vector<int64_t>& extents = file.tensors().at(name).extents;
  return {Shape(std::span<const int64_t>(extents)), file.read(name)};
}

Experiment inception(const fs::path& weights) {
  const std::vector<std::string> overrides{fmt::format("networks.inception.weights.from={}", weights.string())};
  Problems problems;
  Experiment experiment = read_experiment(
      load_document(DUEL_SOURCE_DIR "/experiments/features/inception.yaml", overrides), plugin_registry(), problems);
  problems.throw_if_any();
  return experiment;
}

class Inception : public ::testing::Test {
 protected:
  // Skips the test where there is no torchvision.
  void make_files() {
    const fs::path printed = folder_.path() / "printed";
    const int status = std::system(fmt::format("/usr/bin/python3 -B {}/tests/unit/train/make_inception.py {} > {} 2>&1",
                                               DUEL_SOURCE_DIR, folder_.path().string(), printed.string())
                                       .c_str());
    const std::string text = read_text(printed);
    if (WEXITSTATUS(status) == modules_missing) GTEST_SKIP() << text << "install python3-torchvision";
    ASSERT_EQ(status, 0) << text;
  }

  TemporaryFolder folder_;
};

TEST_F(Inception, HasTheFeaturesAndLogitsThatTorchvisionComputes) {
  make_files();
  if (IsSkipped() || HasFatalFailure()) return;
  const Experiment experiment = inception(folder_.path() / "inception.safetensors");
  const SafetensorsFile expected(folder_.path() / "expected.safetensors");
  const std::map<std::string, HostTensor> data{{"image", tensor_of_file(expected, "images")}};
  const NetworkRun pool(experiment, "inception(data.image).pool", data, DType::float32);
  EXPECT_EQ(pool.output().shape, (Shape{3, 2048}));
  EXPECT_TRUE(tensors_near(pool.output(), tensor_of_file(expected, "pool"), 1e-4, 1e-4));
  const NetworkRun logits(experiment, "inception(data.image).logits", data, DType::float32);
  EXPECT_TRUE(tensors_near(logits.output(), tensor_of_file(expected, "logits"), 1e-4, 1e-4));

  ASSERT_THAT(logits.loaded(), SizeIs(1));
  EXPECT_EQ(logits.loaded()[0].used, convolutions * 5 + 2);
  EXPECT_THAT(logits.loaded()[0].unused, SizeIs(convolutions + 1));
  EXPECT_THAT(logits.loaded()[0].unused, Contains("AuxLogits.fc.bias"));
}

TEST_F(Inception, SaysWhereItsWeightsCanBeHad) {
  const std::map<std::string, HostTensor> data{
      {"image", {{1, 299, 299, 3}, std::vector<double>(std::size_t{299} * 299 * 3)}}};
  try {
    NetworkRun(inception(folder_.path() / "absent.safetensors"), "inception(data.image)", data, DType::float32);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::data);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("absent.safetensors: there is no such file; pytorch-fid has them"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("safetensors.torch.save_file"));
  }
}

}  // namespace
}  // namespace duel
