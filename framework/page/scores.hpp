// Scores of evaluations for the page: in training and later, each with the place of its protocol.
#pragma once

#include <nlohmann/json.hpp>

#include "runs/run_entry.hpp"

namespace duel {

// Protocols, each once, in the order in which they came.
class ProtocolTable {
 public:
  // The place of that in `record`, the JSON text of an evaluation record; its texts and numbers become one flat object.
  std::size_t place(const std::string& metric, const nlohmann::json& record);
  const nlohmann::json& all() const { return all_; }

 private:
  nlohmann::json all_ = nlohmann::json::array();
};

nlohmann::json page_scores(const RunEntry& entry, ProtocolTable& protocols);

}  // namespace duel
