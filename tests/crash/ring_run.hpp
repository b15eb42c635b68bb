// A training that is stopped and taken up again, and what it leaves behind.
#pragma once

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {

// A folder with the experiment ring.yaml, or another that extends it, and its data, in which runs are made.
class RingRuns {
 public:
  explicit RingRuns(const std::string& experiment = "ring.yaml");

  std::vector<std::string> train_arguments(const std::string& run, int threads) const;
  static std::vector<std::string> resume_arguments(const std::string& run, int threads);
  // `resume` if the run has been created, otherwise `train`: what a user would do after a crash.
  std::vector<std::string> next_arguments(const std::string& run, int threads) const;

  const std::filesystem::path& folder() const { return folder_.path(); }
  void write(const std::string& name, const std::string& text) { folder_.write(name, text); }
  std::filesystem::path path(const std::string& run) const { return folder() / run; }
  // Checkpoints of the run, oldest first.
  std::vector<std::filesystem::path> checkpoints(const std::string& run) const;
  // Waits until so many checkpoints stand there; false when the program ended before.
  bool wait_for_checkpoints(Program& program, const std::string& run, std::size_t count) const;
  // One run from beginning to end: each start is killed at a random moment within `seconds`, until so many have been.
  // The number of kills, which is less where starts ended before.
  int finish_with_kills(const std::string& run, int threads, int kills, double seconds, std::mt19937& random) const;

 private:
  std::string experiment_;
  TemporaryFolder folder_;
};

// Everything that a run promises to repeat bit for bit: by name, the bytes.
std::map<std::string, std::string> records_of(const std::filesystem::path& run);      // run.h5 without times
std::map<std::string, std::string> pictures_of(const std::filesystem::path& run);     // samples/*.png
std::map<std::string, std::string> checkpoints_of(const std::filesystem::path& run);  // checkpoints/*.h5

// Compares records and pictures, and the checkpoint that both end with.
void expect_same_end(const std::filesystem::path& run, const std::filesystem::path& reference);

}  // namespace duel
