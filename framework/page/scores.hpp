// Scores of evaluations for the page: in training and later, each with the place of its protocol.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runs/run_entry.hpp"

namespace duel {

// Protocols, each once, in the order in which they came.
class ProtocolTable {
 public:
  // The place of that in `record`, the JSON text of an evaluation record; its texts and numbers become one flat object.
  std::size_t place(const std::string& metric, const nlohmann::json& record);
  const std::vector<std::string>& texts() const { return texts_; }  // each as JSON

 private:
  std::vector<std::string> texts_;
};

nlohmann::json page_scores(const RunEntry& entry, ProtocolTable& protocols);

}  // namespace duel
