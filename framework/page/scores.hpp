// Scores of evaluations for the page: in training and later, each with the place of its protocol.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runs/run_entry.hpp"

namespace duel {

// Protocols, each once, in the order in which they came.
class ProtocolTable {
 public:
  // The place of how the score was made: the fields of protocol_fields (evaluate/record.hpp), which decide what can be
  // compared, and `better` and `uncertainty_kind` beside them; texts, or null for what is not known.
  std::size_t place(const RunScore& score);
  const std::vector<nlohmann::json>& protocols() const { return protocols_; }

 private:
  std::vector<nlohmann::json> protocols_;
};

// A list of series, those of the training first. Of several scores of one step that were asked for later, the newest.
nlohmann::json page_scores(const RunEntry& entry, ProtocolTable& protocols);

// Which scores cannot be compared, and why: [{name, of, lines}]. `of` "last": the last score of each run, which is what
// `duel compare` shows; "training" and "later": the last of those series alone, where that is not told already. The
// runs are called by `ids`.
nlohmann::json page_unlike_scores(std::span<const RunEntry* const> runs, std::span<const std::string> ids);

}  // namespace duel
