// What a resumed run keeps of its run.h5. Internal to store/.
#pragma once

#include "store/run_file.hpp"
#include "store/run_reader.hpp"

namespace duel {

// The layout with what `old` has besides, behind what it has itself: metrics and evaluations that the experiment no
// longer has.
RunLayout with_kept(const RunReader& old, RunLayout layout);

// Appends to `to`, which is new and has the given layout, what `old` holds up to and including step `last`. Throws
// UserError(ExitCode::data) naming the old file for samples that the layout has no place for, as RunFile::resume says.
void copy_records(const RunReader& old, const RunLayout& layout, int64_t last, RunFile& to);

}  // namespace duel
