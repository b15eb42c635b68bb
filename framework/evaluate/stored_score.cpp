#include "evaluate/stored_score.hpp"

namespace duel {

StoredScore stored_score(const EvaluationRecord& record) {
  StoredScore score;
  score.value = record.value;
  score.uncertainty = record.uncertainty;
  if (record.floor) score.floor = record.floor->value;
  score.record = record_json_text(record);
  return score;
}

std::optional<EvaluationRecord> stored_record(const StoredScore& score) {
  auto record = record_from_json(score.record);
  if (!record) return std::nullopt;
  record->value = score.value;
  record->uncertainty = score.uncertainty;
  if (score.floor) {
    record->floor = Floor{*score.floor, record->floor ? record->floor->n : 0};
  } else {
    record->floor.reset();
  }
  return record;
}

}  // namespace duel
