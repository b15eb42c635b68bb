#include "train/evaluation.hpp"

#include <algorithm>

#include "train/side_values.hpp"

namespace duel {
namespace {

void add(SideValues::Needs& needs, SideNeed need) {
  needs.features |= need != SideNeed::nothing && need != SideNeed::images;
  needs.images |= need == SideNeed::images;
  needs.labels |= need == SideNeed::labelled_rows;
}

bool any(const SideValues::Needs& needs) { return needs.features || needs.images; }

// The floor of a metric of fakes alone is its value of reals.
SideNeed needed_of_real(const MetricNeeds& needs, const EvaluationSpec& spec) {
  return needs.real == SideNeed::nothing && needs.floor && spec.real ? needs.fake : needs.real;
}

}  // namespace

struct Evaluation::Implementation {
  Implementation(Session& given_session, const EvaluationSpec& given_spec, const Registry& registry,
                 const FloorCache* given_floors)
      : session(given_session), spec(given_spec), floors(given_floors) {
    Problems problems;
    check_sides(spec, problems);
    problems.throw_if_any();
    SideValues::Needs of_real, of_fake;
    for (const MetricSpec& metric : spec.metrics) {
      metrics.push_back({metric.kind, metric.metric, metric.parameters});
      const MetricNeeds needs = metric.metric->needs();
      add(of_real, needed_of_real(needs, spec));
      add(of_fake, needs.fake);
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
    if (real != nullptr && !real->is_constant()) known_real.reset();
    return records;
  }

  Session& session;
  const EvaluationSpec& spec;
  const FloorCache* floors;
  std::vector<NamedMetric> metrics;
  std::unique_ptr<FeatureExtractor> extractor;  // null where no network makes the features
  std::unique_ptr<SideValues> real, fake;       // null where no metric needs them
  std::optional<SideData> known_real;           // kept where it does not change
  std::string known_weights;                    // of the extractor, when it was computed
  std::optional<std::string> leak;
};

Evaluation::Evaluation(Session& session, const EvaluationSpec& spec, const Registry& registry, const FloorCache* floors)
    : implementation_(std::make_unique<Implementation>(session, spec, registry, floors)) {}
Evaluation::~Evaluation() = default;

const EvaluationSpec& Evaluation::spec() const { return implementation_->spec; }

std::vector<EvaluationRecord> Evaluation::run(const EvaluationProgress& progress) {
  return implementation_->run(progress);
}

void check_sides(const EvaluationSpec& spec, Problems& problems) {
  const auto problem = [&](const std::string& what, const std::string& remedy) {
    problems.add(spec.where, spec.path, what, remedy);
  };
  const auto check_labels = [&](const std::string& side, SideNeed need, const std::optional<Expression>& labels) {
    if (need != SideNeed::labelled_rows || labels) return;
    problem(fmt::format("the classes of the {} side are not known", side),
            fmt::format("say labels: {{{}: …}}, as data.test.label", side));
  };
  for (const MetricSpec& metric : spec.metrics) {
    const MetricNeeds needs = metric.metric->needs();
    if (needs.real != SideNeed::nothing && !spec.real) {
      problem(fmt::format("{} compares with real examples, and none are given", metric.kind),
              "say real: data.test.image, for instance");
    }
    check_labels("real", needed_of_real(needs, spec), spec.real_labels);
    check_labels("fake", needs.fake, spec.fake_labels);
  }
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
