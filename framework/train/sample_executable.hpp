// A `sample:` entry made runnable. For framework/train's own sources.
#pragma once

#include <optional>
#include <vector>

#include "train/standing_statistics.hpp"

namespace duel {

class SampleExecutable {
 public:
  // `graph` is build_sample's, `references` build_reference's. Throws as ValueExecutable and StandingStatistics do.
  SampleExecutable(StepGraph graph, std::optional<StepGraph> references, const Experiment& experiment,
                   const ModelOptions& model, const OpenedData& data, const SampleSpec& spec, const Workplace& place);
  SampleValues run(uint64_t step, const Clock& clock);
  const std::vector<LoadedWeights>& loaded_weights() const { return values_.loaded_weights(); }

 private:
  ValueExecutable values_;
  std::optional<ValueExecutable> references_;
  std::optional<StandingStatistics> standing_;
  bool fixed_latent_ = true;
  bool has_reference_ = false;
};

}  // namespace duel
