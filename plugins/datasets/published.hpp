// Public data sets that `duel data fetch` brings: what to say when they are not there yet.
#pragma once

#include <filesystem>
#include <string>

namespace duel {

// Throws UserError(ExitCode::data) with the command that fetches the set, unless something is at `path`, a file or
// folder of it. `folder` is where the set's files belong.
void require_published(const std::filesystem::path& path, const std::string& set, const std::filesystem::path& folder);

// The set whose folder is called so: mnist, fashion-mnist; "" for any other.
std::string published_idx_set(const std::filesystem::path& folder);

}  // namespace duel
