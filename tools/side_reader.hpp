// Reads the sides that a command names, and makes their features as its options ask.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "tools/score/progress.hpp"
#include "tools/score/side.hpp"
#include "train/feature_extractor.hpp"

namespace CLI {
class App;
}

namespace duel {

struct SideReaderOptions {
  std::string range;  // LOW,HIGH; empty: not given
  std::string features = "pixels";
};

// --range and --features. `options` must outlive the parsing.
void add_side_reader_options(CLI::App& command, SideReaderOptions& options);

// One thread uses it, within the run() of `pool`, which must outlive it, as `registry` and `progress` must.
class SideReader {
 public:
  // Throws UserError for options that cannot be read and a network that is not there.
  SideReader(const SideReaderOptions& options, const Registry& registry, ThreadPool& pool, ScoreProgress& progress);

  // The side with its features or statistics. `role` as of SideOptions. Throws UserError as read_side() does, and for
  // --features where the side is no images.
  SideData read(const std::string& name, const std::string& role);
  // When all sides are read. Throws UserError(ExitCode::experiment) for a --range that none of them had need of.
  void finish() const;
  // Of all sides read so far.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void add_features(SideData& side);

  const Registry& registry_;
  ScoreProgress& progress_;
  std::optional<PixelRange> range_;
  bool range_applies_ = false;
  std::unique_ptr<FeatureExtractor> extractor_;  // null: pixels
  std::vector<std::string> warnings_;
};

}  // namespace duel
