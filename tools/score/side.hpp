// What the user names as one side of a comparison.
#pragma once

#include <string>
#include <vector>

#include "evaluate/side_data.hpp"
#include "registry/registry.hpp"
#include "tools/score/pixels.hpp"

namespace duel {

struct SideOptions {
  const Registry& registry;
  std::string role;                 // "REAL", "FAKE": names the data set that is written out in messages
  std::optional<PixelRange> range;  // of arrays of images
};

struct NamedSide {
  SideData data;  // images have no features yet: whoever scores says what these are
  std::vector<std::string> warnings;
  bool range_applies = false;  // the side is an array of images whose range had to be told or assumed
};

// FILE.npy (an array, a row an example), FILE.h5:/DATASET (likewise), FILE.npz or FILE.h5 (statistics: mu and sigma), a
// folder or archive of images, or a data set as experiments write it, 'images: {path: photos, size: 64}'. Arrays of
// three or four axes, with up to four channels, are images; all axes but the first of others are one. Throws UserError:
// ExitCode::experiment for a name of none of these forms, ExitCode::data for what is wrong with the data.
NamedSide read_side(const std::string& name, const SideOptions& options);

}  // namespace duel
