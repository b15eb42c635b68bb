#include "train/sample_executable.hpp"

namespace duel {

SampleExecutable::SampleExecutable(StepGraph graph, std::optional<StepGraph> references, const Experiment& experiment,
                                   const ModelOptions& model, const OpenedData& data, const SampleSpec& spec,
                                   const Workplace& place)
    : values_(std::move(graph), experiment, data,
              {loader_options(experiment), spec.count, spec.count, spec.where, spec.path}, place),
      fixed_latent_(spec.fixed_latent),
      has_reference_(spec.reference.has_value()) {
  if (references) {
    const int64_t count = *spec.reference_count;
    references_.emplace(std::move(*references), experiment, data,
                        ValueExecutable::Feed{loader_options(experiment), count, count, spec.where, spec.path}, place);
  }
  if (spec.standing_statistics == 0) return;
  standing_.emplace(build_standing_pass(experiment, model, spec), spec.standing_statistics, experiment, data,
                    spec.where, spec.path, place);
}

SampleValues SampleExecutable::run(uint64_t step, const Clock& clock) {
  std::optional<StandingStatistics::Scope> standing;
  if (standing_) standing.emplace(*standing_, clock);
  const uint64_t noise = fixed_latent_ ? 0 : step;
  values_.run(noise, 0, clock);
  SampleValues values{values_.output("samples"), std::nullopt};
  if (references_) references_->run(noise, 0, clock);
  if (has_reference_) values.reference = (references_ ? *references_ : values_).output("reference");
  return values;
}

}  // namespace duel
