#include "train/evaluation.hpp"

#include <algorithm>

#include "train/check_evaluation.hpp"
#include "train/side_values.hpp"
#include "train/standing_statistics.hpp"

namespace duel {
namespace {

bool any(const SideValues::Needs& needs) { return needs.features || needs.images; }

}  // namespace

struct Evaluation::Implementation {
  Implementation(Session& given_session, const EvaluationSpec& given_spec, const Registry& registry,
                 const FloorCache* given_floors)
      : session(given_session), spec(given_spec), floors(given_floors) {
    Problems problems;
    check_sides(spec, problems);
    problems.throw_if_any();
    const auto [of_real, of_fake] = needs_of_sides(spec);
    for (const MetricSpec& metric : spec.metrics) metrics.push_back({metric.kind, metric.metric, metric.parameters});
    if (spec.features.kind == FeatureSpec::Kind::network && (of_real.features || of_fake.features)) {
      extractor = spec.features.from.empty() ? FeatureExtractor::own(session, spec.features, spec.range)
                                             : FeatureExtractor::open(spec.features, registry, session.pool());
    }
    real = side("real", spec.real, spec.real_labels, of_real);
    fake = side("fake", spec.fake, spec.fake_labels, of_fake);
    if (fake != nullptr && spec.standing_statistics > 0) {
      ModelOptions model;
      model.dtype = session.experiment().engine.precision;
      model.fields = session.data().fields;
      standing.emplace(build_standing_pass(session.experiment(), model, spec), spec.standing_statistics,
                       session.experiment(), session.data(), spec.where, spec.path, session.workplace());
    }
    if (real != nullptr && real->reads_test_data()) leak = leakage_warning(session.experiment(), session.data());
  }

  std::unique_ptr<SideValues> side(const std::string& name, const std::optional<Expression>& value,
                                   const std::optional<Expression>& labels, const SideValues::Needs& needs) {
    if (!any(needs)) return nullptr;
    const SideValues::Source source{name, &*value, labels ? &*labels : nullptr};
    return std::make_unique<SideValues>(session, spec, source, needs, needs.features ? extractor.get() : nullptr);
  }

  std::vector<EvaluationRecord> run(const EvaluationProgress& progress) {
    // Features of a network that trains, or whose running statistics move, are other ones each time.
    std::string weights = extractor != nullptr ? extractor->origin().hash : "";
    if (weights != known_weights) known_real.reset();
    known_weights = std::move(weights);
    const bool real_is_known = known_real.has_value();
    const int64_t total = ((real != nullptr && !real_is_known ? 1 : 0) + (fake != nullptr ? 1 : 0)) * spec.count;
    int64_t done = 0;
    const auto advance = [&](int64_t examples) {
      done += examples;
      if (progress) progress(done, total);
    };
    if (real != nullptr && !real_is_known) known_real = real->compute(advance);
    const SideData fakes = fake != nullptr ? computed_fakes(advance) : SideData{};
    std::vector<EvaluationRecord> records;
    session.run_inside_pool([&] {
      // A side that no metric looks at may be any.
      EvaluationOptions options;
      options.seed = spec.seed;
      options.floors = known_real.has_value();
      options.cache = floors;
      records = evaluate(known_real ? *known_real : fakes, fake != nullptr ? fakes : *known_real, metrics, options);
    });
    for (EvaluationRecord& record : records) {
      if (!record.n_fake) continue;
      if (spec.mode == Mode::train) record.protocol.parameters["mode"] = "train";
      if (standing) record.protocol.parameters["standing_statistics"] = std::to_string(spec.standing_statistics);
    }
    for (EvaluationRecord& record : records) {
      if (leak && record.n_real) record.warnings.push_back(*leak);
    }
    if (real != nullptr && !real->is_constant()) known_real.reset();
    return records;
  }

  SideData computed_fakes(const std::function<void(int64_t)>& advance) {
    std::optional<StandingStatistics::Scope> scope;
    if (standing) scope.emplace(*standing, session.clock());
    return fake->compute(advance);
  }

  Session& session;
  const EvaluationSpec& spec;
  const FloorCache* floors;
  std::vector<NamedMetric> metrics;
  std::unique_ptr<FeatureExtractor> extractor;  // null where no network makes the features
  std::unique_ptr<SideValues> real, fake;       // null where no metric needs them
  std::optional<StandingStatistics> standing;
  std::optional<SideData> known_real;  // kept where it does not change
  std::string known_weights;           // of the extractor, when it was computed
  std::optional<std::string> leak;
};

Evaluation::Evaluation(Session& session, const EvaluationSpec& spec, const Registry& registry, const FloorCache* floors)
    : implementation_(std::make_unique<Implementation>(session, spec, registry, floors)) {}
Evaluation::~Evaluation() = default;

const EvaluationSpec& Evaluation::spec() const { return implementation_->spec; }

void Evaluation::rehearse() {
  if (implementation_->real != nullptr) implementation_->real->check_first_batch();
}

std::vector<EvaluationRecord> Evaluation::run(const EvaluationProgress& progress) {
  return implementation_->run(progress);
}

std::vector<MetricOutput> outputs_of(const EvaluationSpec& spec) {
  std::vector<MetricOutput> outputs;
  for (const MetricSpec& metric : spec.metrics) {
    for (MetricOutput& output : metric.metric->outputs()) outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace duel
