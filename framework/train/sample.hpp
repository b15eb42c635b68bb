// Samples from a trained run: its experiment and a checkpoint are enough; data is opened only for values that show it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "train/session.hpp"
#include "yaml/compose.hpp"

namespace duel {

struct SampleRequest {
  std::string name;   // which of the experiment's samples; empty: its first
  std::string value;  // an expression to show instead
  std::optional<int64_t> count;
  std::optional<uint64_t> seed;  // of the noise; the experiment's own if not given
  std::optional<Mode> mode;
  std::optional<int64_t> standing_statistics;  // passes; see SampleSpec
  std::optional<int64_t> columns;
  std::optional<int64_t> step;  // of the checkpoint; the newest if not given
  int threads = 0;
};

struct DrawnSample {
  int64_t step = 0;
  SampleValues values;
  Picture picture;
  DType precision = DType::float32;  // of the experiment: of its values
  std::vector<std::string> warnings;
};

// Throws UserError for a folder without a run or checkpoint, and for requests that do not fit.
DrawnSample draw_sample(const std::filesystem::path& run, const Registry& registry, const SampleRequest& request);

// The picture of a sample's values; a shape that the plot cannot show is a UserError at the sample.
Picture render_sample(const SampleSpec& spec, const SampleValues& values);

}  // namespace duel
