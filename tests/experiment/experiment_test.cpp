// Every experiment of the gallery can be read and checked, and every smoke variant trains: losses are finite, every
// weight that a player updates moves, and the weights do not depend on the number of threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "plugins/register.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> experiment_files() {
  std::vector<std::string> files;
  const fs::path root = DUEL_SOURCE_DIR "/experiments";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    if (read_text(entry.path()).find("train:") == std::string::npos) continue;  // a base for others
    files.push_back(fs::relative(entry.path(), root).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> smoke_files() {
  std::vector<std::string> files;
  for (const std::string& file : experiment_files()) {
    if (file.ends_with(".smoke.yaml")) files.push_back(file);
  }
  return files;
}

class Experiments : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    register_plugins(registry_);
    if (GetParam().starts_with("mnist/") && std::getenv("DUEL_DATA") == nullptr) {
      GTEST_SKIP() << "set DUEL_DATA to a folder with mnist/ to run this";
    }
  }

  std::shared_ptr<const Experiment> read() const {
    return checked_experiment(load_document(DUEL_SOURCE_DIR "/experiments/" + GetParam()), registry_);
  }

  Registry registry_;
};

class SmokeVariants : public Experiments {};

std::string test_name(const testing::TestParamInfo<std::string>& given) {
  std::string name = given.param.substr(0, given.param.find(".yaml"));
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

TEST_P(Experiments, AreRight) {
  const auto experiment = read();
  EXPECT_FALSE(experiment->description.empty());
}

// The weights that some player updates.
std::map<std::string, std::vector<std::byte>> weights(const Session& session) {
  std::map<std::string, std::vector<std::byte>> out;
  const CheckpointState state = session.save();
  for (const PlayerSpec& player : session.experiment().players) {
    for (const std::string& network : player.updates) {
      for (const auto& [name, array] : state.arrays) {
        if (name.starts_with("networks/" + network + "/") && name.find("/running_") == std::string::npos) {
          out[name] = array.bytes;
        }
      }
    }
  }
  return out;
}

TEST_P(SmokeVariants, Train) {
  const auto experiment = read();
  Session session(experiment, {1, std::nullopt});
  const auto before = weights(session);
  ASSERT_FALSE(before.empty());
  while (session.step() < session.total_steps()) {
    const StepReport& report = session.advance();
    for (std::size_t i = 0; i < report.metrics.size(); ++i) {
      EXPECT_TRUE(std::isfinite(report.metrics[i])) << session.metric_names()[i] << " at step " << report.step;
    }
  }
  for (const auto& [name, bytes] : weights(session)) EXPECT_NE(bytes, before.at(name)) << name << " did not move";

  Session other(experiment, {2, std::nullopt});
  while (other.step() < other.total_steps()) other.advance();
  EXPECT_EQ(other.weights_hash(), session.weights_hash()) << "1 and 2 threads differ";
}

INSTANTIATE_TEST_SUITE_P(Gallery, Experiments, testing::ValuesIn(experiment_files()), test_name);
INSTANTIATE_TEST_SUITE_P(Gallery, SmokeVariants, testing::ValuesIn(smoke_files()), test_name);

}  // namespace
}  // namespace duel
