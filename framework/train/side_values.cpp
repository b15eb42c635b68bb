#include "train/side_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "graph/op.hpp"

namespace duel {
namespace {

// As many rows as a batch of the training, within what is neither slow nor large.
int64_t rows_of_batch(const Experiment& experiment, const EvaluationSpec& spec) {
  return std::min(spec.count, std::clamp<int64_t>(experiment.data.batch, 32, 256));
}

ValueExecutable make_values(Session& session, const EvaluationSpec& spec, const SideValues::Source& source,
                            int64_t rows) {
  const Experiment& experiment = session.experiment();
  ModelOptions model;  // attempt 0: a rollback of the training does not change what is evaluated
  model.dtype = experiment.engine.precision;
  model.fields = session.data().fields;
  // Noise that stands in the expression itself is the side's own; that of `values:` is the same on both sides.
  ValueRequest request{fmt::format("evaluate/{}/", spec.name),      spec.mode, rows, {}, spec.where,
                       fmt::format("{}.{}", spec.path, source.name)};
  request.outputs.emplace_back("value", source.value);
  if (source.labels != nullptr) request.outputs.emplace_back("labels", source.labels);
  LoaderOptions training = loader_options(experiment);
  training.order = Order::sequential;
  training.augment = false;
  return {build_values(experiment, model, request),
          experiment,
          session.data(),
          {training, rows, spec.count, spec.where, spec.path},
          session.workplace()};
}

// The class that a row of labels names: a whole number, or the place of the 1 among 0s.
std::optional<int64_t> label_of(std::span<const double> row) {
  if (row.size() == 1) {
    return row[0] >= 0 && row[0] == std::floor(row[0]) ? std::optional(static_cast<int64_t>(row[0])) : std::nullopt;
  }
  const auto one = std::ranges::find(row, 1.0);
  const auto others = std::ranges::count_if(row, [](double value) { return value != 0.0; });
  return one != row.end() && others == 1 ? std::optional<int64_t>(one - row.begin()) : std::nullopt;
}

}  // namespace

struct SideValues::Collected {
  Bytes images;    // uint8
  Bytes features;  // float; values of an experiment in double precision stay double
  std::vector<int64_t> labels;

  // Room for `count` more elements.
  template <class Element>
  static std::span<Element> grow(Bytes& bytes, int64_t count) {
    const std::size_t before = bytes.size();
    bytes.resize(before + static_cast<std::size_t>(count) * sizeof(Element));
    return {reinterpret_cast<Element*>(bytes.data() + before), static_cast<std::size_t>(count)};
  }
};

SideValues::SideValues(Session& session, const EvaluationSpec& spec, const Source& source, const Needs& needs,
                       FeatureExtractor* extractor)
    : session_(session),
      spec_(spec),
      source_(source),
      needs_(needs),
      extractor_(extractor),
      rows_(rows_of_batch(session.experiment(), spec)),
      values_(make_values(session, spec, source, rows_)),
      example_(values_.shape("value").without_first()) {
  using Kind = FeatureSpec::Kind;
  const bool are_images = example_.rank() == 3;
  const Kind kind = spec.features.kind;
  if (!are_images && (needs.images || kind == Kind::pixels || kind == Kind::network)) {
    fail(fmt::format("'{}' gives examples of shape {}, which are no images", source.value->text, to_string(example_)),
         "images are height, width, channels");
  }
  as_values_ = needs.features && extractor == nullptr && (!are_images || kind == Kind::values);
  as_images_ = are_images && (needs.images || (needs.features && !as_values_));
  const bool is_double = session.experiment().engine.precision == DType::float64;
  if (as_values_ && is_double) element_ = ElementType::f64;
  if (extractor != nullptr) extractor->check_images(example_);
  DUEL_CHECK(!needs.labels || source.labels != nullptr, "{}: labels that are not given", source.name);
}

void SideValues::fail(const std::string& what, const std::string& remedy) const {
  throw UserError(ExitCode::experiment, Problem{spec_.where, spec_.path, what, remedy, {}});
}

// Reals fill their range; whatever lies outside was meant otherwise. Generators may overshoot, and are clipped.
void SideValues::check_range(std::span<const double> values) const {
  if (source_.name != "real") return;
  const auto [least, most] = std::ranges::minmax(values);
  const double slack = 0.01 * (spec_.range[1] - spec_.range[0]);
  if (least >= spec_.range[0] - slack && most <= spec_.range[1] + slack) return;
  fail(fmt::format("the real images have values from {:.4g} to {:.4g}, outside of the range [{}, {}]", least, most,
                   spec_.range[0], spec_.range[1]),
       "say the values of black and white: range: [low, high]");
}

void SideValues::add_images(Collected& out, std::span<const double> values) {
  const std::span<uint8_t> images = Collected::grow<uint8_t>(out.images, std::ssize(values));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scaled = (values[i] - spec_.range[0]) / (spec_.range[1] - spec_.range[0]) * 255;
    images[i] = static_cast<uint8_t>(std::lround(std::clamp(scaled, 0.0, 255.0)));
  }
  if (extractor_ == nullptr) return;
  const int64_t rows = std::ssize(values) / example_.elements();
  extractor_->extract(images, example_,
                      Collected::grow<float>(out.features, rows * extractor_->shape().elements()).data());
  if (!needs_.images) out.images.clear();
}

void SideValues::add_labels(Collected& out, int64_t rows) const {
  const HostTensor labels = values_.output("labels");
  const auto width = static_cast<std::size_t>(labels.shape.without_first().elements());
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    const auto label = label_of(std::span(labels.values).subspan(row * width, width));
    if (!label) fail(fmt::format("'{}' gives no class numbers", source_.labels->text));
    out.labels.push_back(*label);
  }
}

void SideValues::add_batch(Collected& out, int64_t rows) {
  const HostTensor value = values_.output("value");
  const auto values = std::span(value.values).first(static_cast<std::size_t>(rows * example_.elements()));
  if (!std::ranges::all_of(values, [](double number) { return std::isfinite(number); })) {
    throw UserError(ExitCode::diverged,
                    fmt::format("{}: '{}' gives values that are no numbers", spec_.path, source_.value->text));
  }
  if (as_images_) {
    check_range(values);
    add_images(out, values);
  }
  if (as_values_ && element_ == ElementType::f64) {
    std::ranges::copy(values, Collected::grow<double>(out.features, std::ssize(values)).begin());
  } else if (as_values_) {
    const std::span<float> features = Collected::grow<float>(out.features, std::ssize(values));
    std::ranges::transform(values, features.begin(), [](double number) { return static_cast<float>(number); });
  }
  if (needs_.labels) add_labels(out, rows);
}

void SideValues::check_first_batch() {
  if (!as_images_) return;
  values_.run(0, 0, session_.clock());
  const HostTensor value = values_.output("value");
  const int64_t rows = std::min(rows_, spec_.count);
  check_range(std::span(value.values).first(static_cast<std::size_t>(rows * example_.elements())));
}

std::string SideValues::split() const {
  if (source_.name != "real") return "";
  return values_.reads(true) ? "test" : values_.reads(false) ? "training" : "";
}

SideData SideValues::compute(const std::function<void(int64_t)>& advance) {
  Collected collected;
  const Shape& features = extractor_ != nullptr ? extractor_->shape() : example_;
  if (as_values_ || extractor_ != nullptr) {
    collected.features.reserve(static_cast<std::size_t>(spec_.count * features.elements() * size_of(element_)));
  }
  if (as_images_ && (needs_.images || extractor_ == nullptr)) {
    collected.images.reserve(static_cast<std::size_t>(spec_.count * example_.elements()));
  }
  for (int64_t first = 0, batch = 0; first < spec_.count; first += rows_, ++batch) {
    const int64_t rows = std::min(rows_, spec_.count - first);
    values_.run(static_cast<uint64_t>(batch), batch, session_.clock());
    add_batch(collected, rows);
    if (advance) advance(rows);
  }
  const auto matrix = [&](const Shape& shape, ElementType type, Bytes bytes, FeatureOrigin origin) {
    origin.split = split();
    FeatureMatrix out(spec_.count, shape, type, std::move(bytes), 0, fmt::format("{} ({})", spec_.path, source_.name),
                      std::move(origin));
    return collected.labels.empty() ? std::move(out) : std::move(out).with_labels(collected.labels);
  };
  SideData out;
  if (as_values_) {
    out.features = matrix(features, element_, std::move(collected.features), {"values", "", "none", ""});
  } else if (extractor_ != nullptr) {
    out.features = matrix(features, ElementType::f32, std::move(collected.features), extractor_->origin());
  }
  if (!collected.images.empty()) {
    out.images = matrix(example_, ElementType::u8, std::move(collected.images), {"pixels", "", "8 bits", ""});
    if (!out.features) out.features = out.images;
  }
  return out;
}

}  // namespace duel
