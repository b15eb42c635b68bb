// Records of evaluations as runs keep them, read again.
#pragma once

#include <optional>

#include "evaluate/record.hpp"
#include "store/run_file.hpp"

namespace duel {

// What the score's record says. One that was shortened to its numbers has an empty protocol and no better side. Nothing
// where the text is no record.
std::optional<EvaluationRecord> stored_record(const StoredScore& score);

}  // namespace duel
