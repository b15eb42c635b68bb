#include "tools/features_option.hpp"

#include <filesystem>

namespace duel {

FeatureSpec read_features_option(const std::string& text) {
  FeatureSpec spec;
  spec.where = {"--features", 0, 0};
  if (text == "values" || text == "pixels") {
    spec.kind = text == "values" ? FeatureSpec::Kind::values : FeatureSpec::Kind::pixels;
    return spec;
  }
  spec.kind = FeatureSpec::Kind::network;
  const std::size_t colon = text.rfind(':');
  const bool whole = colon == std::string::npos || std::filesystem::exists(text);
  spec.from = whole ? text : text.substr(0, colon);
  if (whole) return spec;
  const std::string at = text.substr(colon + 1);
  const std::size_t slash = at.find('/');
  if (slash != std::string::npos) spec.network = at.substr(0, slash);
  spec.layer = slash == std::string::npos ? at : at.substr(slash + 1);
  return spec;
}

}  // namespace duel
