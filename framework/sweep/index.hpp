// sweep.h5: the trials of a sweep as tables, for other programs. Layout in docs/sweeping.md.
#pragma once

#include <filesystem>

namespace duel {

class Sweep;

// Writes it anew, whole or not at all. Throws UserError(ExitCode::storage).
void write_index(const std::filesystem::path& file, const Sweep& sweep);

}  // namespace duel
