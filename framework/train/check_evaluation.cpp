#include "train/check_evaluation.hpp"

#include <algorithm>

#include "train/executables.hpp"
#include "train/feature_extractor.hpp"

namespace duel {
namespace {

constexpr int64_t rows_of_trial = 2;

void add(SideValues::Needs& needs, SideNeed need) {
  needs.features |= need != SideNeed::nothing && need != SideNeed::images;
  needs.images |= need == SideNeed::images;
  needs.labels |= need == SideNeed::labelled_rows;
}

// The floor of a metric of fakes alone is its value of reals.
SideNeed needed_of_real(const MetricNeeds& needs, const EvaluationSpec& spec) {
  return needs.real == SideNeed::nothing && needs.floor && spec.real ? needs.fake : needs.real;
}

// A side as it will be.
struct ExpectedSide {
  std::string name;
  Shape example;                  // of the values
  std::optional<Shape> features;  // what metrics of features are given; none: not known

  bool holds_images() const { return example.rank() == 3; }
};

class EvaluationCheck {
 public:
  EvaluationCheck(const Experiment& experiment, const EvaluationSpec& spec, const OpenedData& data, Problems& problems)
      : experiment_(experiment), spec_(spec), data_(data), problems_(problems) {}

  // Throws UserError for an expression that cannot be computed.
  std::optional<ExpectedSide> side(const std::string& name, const std::optional<Expression>& value,
                                   const std::optional<Expression>& labels) {
    if (!value) return std::nullopt;
    ModelOptions options;
    options.dtype = experiment_.engine.precision;
    options.fields = data_.fields;
    const std::string path = fmt::format("{}.{}", spec_.path, name);
    if (name == "fake" && spec_.standing_statistics > 0) build_standing_pass(experiment_, options, spec_);
    ValueRequest request{"evaluate/", spec_.mode, rows_of_trial, {{"value", &*value}}, spec_.where, path};
    if (labels) request.outputs.emplace_back("labels", &*labels);
    const StepGraph graph = build_values(experiment_, options, request);
    for (const bool test : {false, true}) {
      if (std::ranges::find(graph.data, test, &DataInput::test) != graph.data.end()) check_count(test);
    }
    const auto output = std::ranges::find(graph.graph.outputs(), "value", [](const auto& out) { return out.name; });
    ExpectedSide side{name, graph.graph[output->node].shape.without_first(), {}};
    using Kind = FeatureSpec::Kind;
    if (spec_.features.kind != Kind::network) side.features = side.example;
    if ((spec_.features.kind == Kind::pixels || spec_.features.kind == Kind::network) && !side.holds_images()) {
      problem(spec_.where, path,
              fmt::format("'{}' gives examples of shape {}, which are no images", value->text, to_string(side.example)),
              "images are height, width, channels");
    }
    return side;
  }

  void check_metric(const MetricSpec& metric, const ExpectedSide* real, const ExpectedSide* fake) {
    const MetricNeeds needs = metric.metric->needs();
    const bool compares = needs.real != SideNeed::nothing && needs.fake != SideNeed::nothing;
    if (spec_.count < needs.least_examples) {
      fail(metric, fmt::format("it needs {} or more examples, and count is {}", needs.least_examples, spec_.count),
           "make `count` greater");
    }
    if (needs.real != SideNeed::nothing && real != nullptr) check_need(metric, needs.real, *real);
    if (needs.fake != SideNeed::nothing && fake != nullptr) check_need(metric, needs.fake, *fake);
    if (compares && real != nullptr && fake != nullptr) check_alike(metric, needs, *real, *fake);
  }

 private:
  void problem(const Position& where, const std::string& path, const std::string& what, const std::string& remedy) {
    const std::string text = fmt::format("the evaluation '{}': {}", spec_.name, what);
    if (std::ranges::find(told_, text) != told_.end()) return;  // of one side is told
    told_.push_back(text);
    problems_.add(where, path, text, remedy);
  }

  void fail(const MetricSpec& metric, const std::string& what, const std::string& remedy) {
    problem(metric.where, metric.path, fmt::format("{}: {}", metric.kind, what), remedy);
  }

  void check_count(bool test) {
    const auto examples = examples_for_evaluation(experiment_, data_, test);
    if (!examples || *examples >= spec_.count) return;
    if (test && *examples == 0) {
      problem(spec_.where, spec_.path, "data.test has no examples: nothing is held out",
              "hold some out with data.split: {test: 0.1}, or say data.test");
    } else {
      problem(
          spec_.where, spec_.path,
          fmt::format("{} examples are asked for, the {} has {}", spec_.count, test ? "test data" : "data", *examples),
          "make `count` smaller");
    }
  }

  void check_need(const MetricSpec& metric, SideNeed need, const ExpectedSide& side) {
    const MetricNeeds needs = metric.metric->needs();
    if (need == SideNeed::images) {
      if (!side.holds_images()) {
        fail(metric, fmt::format("it needs images, and the {} side gives {}", side.name, to_string(side.example)),
             "images are height, width, channels");
      } else if (std::min(side.example[0], side.example[1]) < needs.least_pixels) {
        fail(metric,
             fmt::format("it needs images of {} or more pixels a side, and those of the {} side are {} × {}",
                         needs.least_pixels, side.name, side.example[0], side.example[1]),
             "choose another metric");
      }
      return;
    }
    using Kind = FeatureSpec::Kind;
    const bool are_pixels =
        spec_.features.kind == Kind::pixels || (spec_.features.kind == Kind::automatic && side.holds_images());
    if (need == SideNeed::probabilities && are_pixels) {
      fail(metric, "it takes probabilities of classes, and these are pixels",
           "make them with a classifier: features: {from: RUN, at: probabilities}");
    }
    if (!side.features) return;
    if (need == SideNeed::maps && side.features->rank() != 3) {
      fail(metric, fmt::format("it needs feature maps, and the {} side gives {}", side.name, to_string(*side.features)),
           "give features before they are pooled: height, width, channels");
    }
    check_width(metric, needs, side);
  }

  void check_width(const MetricSpec& metric, const MetricNeeds& needs, const ExpectedSide& side) {
    const int64_t width = side.features->elements();
    if (needs.width && width != *needs.width) {
      fail(metric,
           fmt::format("it takes rows of {} number{}, and the {} side has {}", *needs.width,
                       *needs.width == 1 ? "" : "s", side.name, width),
           "evaluate another value or other features");
    } else if (width < needs.least_width) {
      fail(metric,
           fmt::format("it takes rows of {} or more numbers, and the {} side has {}", needs.least_width, side.name,
                       width),
           "evaluate another value or other features");
    }
  }

  void check_alike(const MetricSpec& metric, const MetricNeeds& needs, const ExpectedSide& real,
                   const ExpectedSide& fake) {
    const bool images = needs.real == SideNeed::images && needs.fake == SideNeed::images;
    if (!images && !(real.features && fake.features)) return;
    const Shape& a = images ? real.example : *real.features;
    const Shape& b = images ? fake.example : *fake.features;
    if (images ? a == b : a.elements() == b.elements()) return;
    fail(metric,
         fmt::format("it compares the sides, and the real one gives {}, the fake one {}", to_string(a), to_string(b)),
         "both sides need the same shape");
  }

  const Experiment& experiment_;
  const EvaluationSpec& spec_;
  const OpenedData& data_;
  Problems& problems_;
  std::vector<std::string> told_;
};

}  // namespace

NeedsOfSides needs_of_sides(const EvaluationSpec& spec) {
  NeedsOfSides out;
  for (const MetricSpec& metric : spec.metrics) {
    const MetricNeeds needs = metric.metric->needs();
    add(out.real, needed_of_real(needs, spec));
    add(out.fake, needs.fake);
  }
  return out;
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

void check_evaluation(const Experiment& experiment, const EvaluationSpec& spec, const OpenedData& data,
                      const Registry& registry, FeatureSources sources, Problems& problems) {
  const NeedsOfSides needs = needs_of_sides(spec);
  const auto is_needed = [](const SideValues::Needs& side) { return side.features || side.images; };
  EvaluationCheck check(experiment, spec, data, problems);
  std::optional<ExpectedSide> real, fake;
  collect(problems, [&] {
    if (is_needed(needs.real)) real = check.side("real", spec.real, spec.real_labels);
    if (is_needed(needs.fake)) fake = check.side("fake", spec.fake, spec.fake_labels);
  });
  if (spec.features.kind == FeatureSpec::Kind::network &&
      (spec.features.from.empty() || sources == FeatureSources::opened)) {
    collect(problems, [&] {
      const FeatureCheck features(spec.features, experiment, registry, spec.range);
      for (std::optional<ExpectedSide>* side : {&real, &fake}) {
        if (!*side || !(*side)->holds_images()) continue;
        features.check_images((*side)->example);
        (*side)->features = features.shape();
      }
    });
  }
  for (const MetricSpec& metric : spec.metrics) {
    check.check_metric(metric, real ? &*real : nullptr, fake ? &*fake : nullptr);
  }
}

}  // namespace duel
