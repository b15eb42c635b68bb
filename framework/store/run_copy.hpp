// What a resumed run keeps of its run.h5. Internal to store/.
#pragma once

#include "store/run_file.hpp"
#include "store/run_reader.hpp"

namespace duel {

// Appends to `to`, which is new and has the given layout, what `old` holds up to and including step `last`. Throws
// UserError(ExitCode::data) naming the old file for what the layout has no place for, as RunFile::resume says.
void copy_records(const RunReader& old, const RunLayout& layout, int64_t last, RunFile& to);

}  // namespace duel
