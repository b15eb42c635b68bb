#include "train/evaluation.hpp"

#include <algorithm>

#include "train/side_values.hpp"

namespace duel {
namespace {

[[noreturn]] void fail_evaluation(const EvaluationSpec& spec, const std::string& what, const std::string& remedy) {
  throw UserError(ExitCode::experiment, Problem{spec.where, spec.path, what, remedy, {}});
}

void add(SideValues::Needs& needs, SideNeed need) {
  needs.features |= need != SideNeed::nothing && need != SideNeed::images;
  needs.images |= need == SideNeed::images;
  needs.labels |= need == SideNeed::labelled_rows;
}

bool any(const SideValues::Needs& needs) { return needs.features || needs.images; }

// A network of this experiment that players train gives other features each time.
bool keeps_its_weights(const Experiment& experiment, const FeatureSpec& features) {
  if (features.kind != FeatureSpec::Kind::network || !features.from.empty()) return true;
  return std::ranges::none_of(experiment.players, [&](const PlayerSpec& player) {
    return std::ranges::find(player.updates, features.network) != player.updates.end();
  });
}

}  // namespace

struct Evaluation::Implementation {
  Implementation(Session& given_session, const EvaluationSpec& given_spec, const Registry& registry,
                 const FloorCache* given_floors)
      : session(given_session), spec(given_spec), floors(given_floors) {
    SideValues::Needs of_real, of_fake;
    std::string comparing;  // the first metric that needs reals
    for (const MetricSpec& metric : spec.metrics) {
      metrics.push_back({metric.kind, metric.metric});
      const MetricNeeds needs = metric.metric->needs();
      add(of_real, needs.real);
      add(of_fake, needs.fake);
      if (needs.real != SideNeed::nothing && comparing.empty()) comparing = metric.kind;
      // The floor of a metric of fakes alone is its value of reals.
      if (needs.real == SideNeed::nothing && needs.floor && spec.real) add(of_real, needs.fake);
    }
    if (!comparing.empty() && !spec.real) {
      fail_evaluation(spec, fmt::format("{} compares with real examples, and none are given", comparing),
                      "say real: data.test.image, for instance");
    }
    if (spec.features.kind == FeatureSpec::Kind::network && (of_real.features || of_fake.features)) {
      extractor = spec.features.from.empty() ? FeatureExtractor::own(session, spec.features, spec.range)
                                             : FeatureExtractor::open(spec.features, registry, session.pool());
    }
    real = side("real", spec.real, spec.real_labels, of_real);
    fake = side("fake", spec.fake, spec.fake_labels, of_fake);
    if (real != nullptr && real->reads_test_data()) leak = leakage_warning(session.experiment(), session.data());
  }

  std::unique_ptr<SideValues> side(const std::string& name, const std::optional<Expression>& value,
                                   const std::optional<Expression>& labels, const SideValues::Needs& needs) {
    if (!any(needs)) return nullptr;
    const SideValues::Source source{name, &*value, labels ? &*labels : nullptr};
    return std::make_unique<SideValues>(session, spec, source, needs, needs.features ? extractor.get() : nullptr);
  }

  std::vector<EvaluationRecord> run(const EvaluationProgress& progress) {
    const bool real_is_known = known_real.has_value();
    const int64_t total = ((real != nullptr && !real_is_known ? 1 : 0) + (fake != nullptr ? 1 : 0)) * spec.count;
    int64_t done = 0;
    const auto advance = [&](int64_t examples) {
      done += examples;
      if (progress) progress(done, total);
    };
    if (real != nullptr && !real_is_known) known_real = real->compute(advance);
    const SideData fakes = fake != nullptr ? fake->compute(advance) : SideData{};
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
      if (leak && record.n_real) record.warnings.push_back(*leak);
    }
    const bool stays = real != nullptr && real->is_constant() && keeps_its_weights(session.experiment(), spec.features);
    if (!stays) known_real.reset();
    return records;
  }

  Session& session;
  const EvaluationSpec& spec;
  const FloorCache* floors;
  std::vector<NamedMetric> metrics;
  std::unique_ptr<FeatureExtractor> extractor;  // null where no network makes the features
  std::unique_ptr<SideValues> real, fake;       // null where no metric needs them
  std::optional<SideData> known_real;           // kept where it cannot change
  std::optional<std::string> leak;
};

Evaluation::Evaluation(Session& session, const EvaluationSpec& spec, const Registry& registry, const FloorCache* floors)
    : implementation_(std::make_unique<Implementation>(session, spec, registry, floors)) {}
Evaluation::~Evaluation() = default;

const EvaluationSpec& Evaluation::spec() const { return implementation_->spec; }

std::vector<EvaluationRecord> Evaluation::run(const EvaluationProgress& progress) {
  return implementation_->run(progress);
}

StoredScore stored_score(const EvaluationRecord& record) {
  StoredScore score;
  score.value = record.value;
  score.uncertainty = record.uncertainty;
  if (record.floor) score.floor = record.floor->value;
  score.record = record_json_text(record);
  return score;
}

std::vector<MetricOutput> outputs_of(const EvaluationSpec& spec) {
  std::vector<MetricOutput> outputs;
  for (const MetricSpec& metric : spec.metrics) {
    for (MetricOutput& output : metric.metric->outputs()) outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace duel
