// Records of evaluations as run files keep them, and read again.
#pragma once

#include <optional>

#include "evaluate/record.hpp"
#include "store/run_file.hpp"

namespace duel {

StoredScore stored_score(const EvaluationRecord& record);

// What the score's record says (record_from_json), with the numbers of the score itself. Nothing where its text is no
// record.
std::optional<EvaluationRecord> stored_record(const StoredScore& score);

}  // namespace duel
