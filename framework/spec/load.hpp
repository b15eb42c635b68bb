// Experiments from files and the command line.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "yaml/compose.hpp"

namespace duel {

// load_document, and load_document_text, with overrides as experiments have them: train.steps takes the place of
// train.epochs, and the other way round.
Document load_experiment(const std::filesystem::path& file, std::span<const std::string> overrides);
Document load_experiment_text(const std::string& text, const std::string& file, std::span<const std::string> overrides);

}  // namespace duel
