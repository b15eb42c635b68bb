// Data sets of images as one side of a comparison.
#pragma once

#include <string>

#include "evaluate/features.hpp"
#include "registry/registry.hpp"

namespace duel {

// All images of the data set that `written` describes as an experiment does, as bytes, with their classes where it has
// labels. `name` is what the user wrote. Throws UserError: ExitCode::experiment for what is wrong with the description,
// ExitCode::data for bad files, and for data without images, with several in an example, or without end. Runs on the
// threads of the enclosing ThreadPool::run.
FeatureMatrix read_images(const std::string& name, const YamlNode& written, const Registry& registry);

}  // namespace duel
