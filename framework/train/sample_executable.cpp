#include "train/sample_executable.hpp"

namespace duel {

SampleExecutable::SampleExecutable(StepGraph graph, const Experiment& experiment, const ModelOptions& model,
                                   const OpenedData& data, const SampleSpec& spec, const Workplace& place)
    : values_(std::move(graph), experiment, data,
              {loader_options(experiment), spec.count, spec.count, spec.where, spec.path}, place),
      fixed_latent_(spec.fixed_latent),
      has_reference_(spec.reference.has_value()) {
  if (spec.standing_statistics == 0) return;
  standing_.emplace(build_standing_pass(experiment, model, spec), spec.standing_statistics, experiment, data,
                    spec.where, spec.path, place);
}

SampleValues SampleExecutable::run(uint64_t step, const Clock& clock) {
  std::optional<StandingStatistics::Scope> standing;
  if (standing_) standing.emplace(*standing_, clock);
  values_.run(fixed_latent_ ? 0 : step, 0, clock);
  SampleValues values{values_.output("samples"), std::nullopt};
  if (has_reference_) values.reference = values_.output("reference");
  return values;
}

}  // namespace duel
