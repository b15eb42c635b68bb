#include "spec/load.hpp"

#include <vector>

namespace duel {
namespace {

const std::vector<AlternativeKeys>& alternative_keys() {
  static const std::vector<AlternativeKeys> keys{{"train.steps", "train.epochs"},
                                                 {"train.phases.*.steps", "train.phases.*.epochs"}};
  return keys;
}

}  // namespace

Document load_experiment(const std::filesystem::path& file, std::span<const std::string> overrides) {
  return load_document(file, overrides, alternative_keys());
}

Document load_experiment_text(const std::string& text, const std::string& file,
                              std::span<const std::string> overrides) {
  return load_document_text(text, file, overrides, alternative_keys());
}

}  // namespace duel
