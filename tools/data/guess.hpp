// What kind of data lies at a path, judged by its content.
#pragma once

#include <filesystem>

#include "yaml/document.hpp"

namespace duel {

// The data set as an experiment would write it: {images: {path: …}}. Throws UserError(ExitCode::data) when nothing is
// there, or nothing that can be told.
YamlNode guess_dataset(const std::filesystem::path& path);

}  // namespace duel
