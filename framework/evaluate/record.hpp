// A score is never a bare number: the record says how it was made, so that unlike ones are not compared.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duel {

// What two scores must share to be comparable. Empty texts mean "not known".
struct Protocol {
  std::string features;                           // what was measured: "values", "pixels", a network and its layer
  std::string features_hash;                      // SHA-256 of the weights that made the features
  std::string preprocessing;                      // what was done to the data before
  std::string split;                              // of the real data
  std::optional<uint64_t> seed;                   // where the metric draws
  std::map<std::string, std::string> parameters;  // of the metric, as text
};

// Which of two values of a metric is the better one.
enum class Better { lower, higher, neither };

// The same metric between two disjoint sets of reals of the same size: what no generator can be expected to pass.
struct Floor {
  double value = 0;
  int64_t n = 0;  // examples of each set: fewer than of the score's sides where there are not enough
  bool operator==(const Floor&) const = default;
};

struct EvaluationRecord {
  std::string metric;
  double value = 0;
  Better better = Better::lower;
  std::optional<double> uncertainty;
  std::string uncertainty_kind;   // "standard deviation over subsets"; empty without uncertainty
  std::optional<int64_t> n_real;  // none: not used, or not known
  std::optional<int64_t> n_fake;
  std::optional<Floor> floor;
  uint64_t floor_seed = 0;  // that drew its sets
  std::string given;        // parameters of the metric as they were written, for tables; empty: defaults
  Protocol protocol;
  bool rank_deficient = false;  // a covariance has no full rank: there are few samples, or features depend on others
  std::vector<std::string> warnings;
};

std::string_view to_string(Better better);  // "lower", "higher", "neither"

// An object with the keys metric, value, better, uncertainty, uncertainty_kind, n_real, n_fake, floor, floor_n,
// floor_seed, protocol, rank_deficient, warnings. What is not known is null.
nlohmann::json record_json(const EvaluationRecord& record);

// The same as text on one line.
std::string record_json_text(const EvaluationRecord& record);
// That text read again. What is missing or null is not known: of a record that was shortened to its numbers, the
// protocol is empty and no side better; a missing value is NaN. Nothing where the text is no record. Of any text; never
// throws.
std::optional<EvaluationRecord> record_from_json(const std::string& text);
// The records as JSON text, a list; ends with a line end.
std::string records_json_text(std::span<const EvaluationRecord> records);

// A table with a line a record, and the warnings below it, each once, with the metrics that it is of.
std::string records_table(std::span<const EvaluationRecord> records);

// What two scores must share to be compared, by name: metric, n_real, n_fake, features, …, parameters.NAME. Numbers of
// samples count: the bias of most metrics depends on them. What is not known is none.
struct ProtocolField {
  std::string name;
  std::optional<std::string> value;
};
std::vector<ProtocolField> protocol_fields(const EvaluationRecord& record);

// What keeps two records from being compared: the fields in which they differ, each as "features: pixels, values";
// empty for like ones.
std::vector<std::string> differences(const EvaluationRecord& a, const EvaluationRecord& b);

}  // namespace duel
