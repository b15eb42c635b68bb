#include "plugins/metrics/share.hpp"

#include <cmath>

#include "base/error.hpp"

namespace duel {

EvaluationRecord share_record(const std::string& metric, int64_t count, int64_t of) {
  DUEL_CHECK(of > 0 && count >= 0 && count <= of, "{} of {}", count, of);
  EvaluationRecord record;
  record.metric = metric;
  record.value = static_cast<double>(count) / static_cast<double>(of);
  record.uncertainty = std::sqrt(record.value * (1 - record.value) / static_cast<double>(of));
  record.uncertainty_kind = "standard error (binomial)";
  return record;
}

}  // namespace duel
