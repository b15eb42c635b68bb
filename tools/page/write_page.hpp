// A page of runs, written as a file.
#pragma once

#include <filesystem>
#include <span>

#include "registry/registry.hpp"

namespace duel {

// Throws UserError(ExitCode::experiment) in a duel that was built without pages. Call it before work that would be
// lost.
void require_pages();

// The page of the runs in `folders`, whatever their state, at `file`, whole or not at all. Throws UserError:
// ExitCode::experiment for a folder that is none of a run, ExitCode::storage.
void write_page(std::span<const std::filesystem::path> folders, const Registry& registry,
                const std::filesystem::path& file);

}  // namespace duel
