// The experiment of a file or of a run, composed, read and checked.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "train/check_evaluation.hpp"
#include "train/session.hpp"
#include "yaml/compose.hpp"

namespace duel {

// The experiment kept in a run, with further overrides. Throws UserError for a folder without a run.
Document run_document(const std::filesystem::path& folder, const std::vector<std::string>& overrides = {});

// The experiment of a file, or of a run where a folder is named.
Document document_of(const std::filesystem::path& file_or_run, const std::vector<std::string>& overrides = {});

// Reads and checks in one go: throws one UserError with every problem, shapes included. What it has opened of the data
// is left in `data`, as known_data gives it.
std::shared_ptr<const Experiment> checked_experiment(const Document& document, const Registry& registry,
                                                     FeatureSources sources = FeatureSources::left_alone,
                                                     OpenedData* data = nullptr);

}  // namespace duel
