#include "tools/side_reader.hpp"

#include <CLI/CLI.hpp>

#include "tools/features_option.hpp"

namespace duel {

void add_side_reader_options(CLI::App& command, SideReaderOptions& options) {
  command.add_option("--range", options.range,
                     "LOW,HIGH: values of black and white in arrays of images other than bytes; 0,255 if not given");
  command
      .add_option(
          "--features", options.features,
          "RUN[:[NETWORK/]LAYER]: the network of a run folder or experiment file that makes features of images; or "
          "pixels")
      ->capture_default_str();
}

SideReader::SideReader(const SideReaderOptions& options, const Registry& registry, ThreadPool& pool,
                       ScoreProgress& progress)
    : registry_(registry), progress_(progress) {
  const FeatureSpec features = read_features_option(options.features);
  if (features.kind == FeatureSpec::Kind::network) extractor_ = FeatureExtractor::open(features, registry, pool);
  if (!options.range.empty()) range_ = parse_pixel_range(options.range);
}

SideData SideReader::read(const std::string& name, const std::string& role) {
  progress_.reading(name);
  NamedSide side = read_side(name, {registry_, role, range_});
  range_applies_ = range_applies_ || side.range_applies;
  warnings_.insert(warnings_.end(), side.warnings.begin(), side.warnings.end());
  add_features(side.data);
  return std::move(side.data);
}

void SideReader::finish() const {
  if (!range_ || range_applies_) return;
  throw UserError(ExitCode::experiment, "--range: no side is an array of images with values of its own range",
                  "leave it out; bytes and files of images are 0 to 255");
}

// The features of images: what the network makes of them, or without one their pixels.
void SideReader::add_features(SideData& side) {
  if (!side.images) {
    if (!extractor_ || !side.features) return;  // statistics are of features already
    throw UserError(ExitCode::experiment,
                    fmt::format("{}: --features makes features of images, and these are none", side.features->place()),
                    "leave --features out");
  }
  side.features = extractor_ ? extractor_->features_of(*side.images) : *side.images;
}

}  // namespace duel
