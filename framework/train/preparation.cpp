#include "train/preparation.hpp"

#include <algorithm>
#include <array>

#include "graph/op.hpp"

namespace duel {
namespace {

constexpr int64_t classes_of_label = 1000;  // any number does: nothing reads the label

struct NetworkInput {
  std::string network;
  Shape shape;
};

std::vector<NetworkInput> lone_inputs(const Experiment& experiment) {
  std::vector<NetworkInput> out;
  for (const NetworkSpec& network : experiment.networks) {
    if (network.inputs.size() == 1) out.push_back({network.name, network.inputs.front().second});
  }
  return out;
}

bool takes(const std::vector<NetworkInput>& inputs, const Shape& shape) {
  return std::ranges::find(inputs, shape, &NetworkInput::shape) != inputs.end();
}

// What the transforms make of images of two large sizes, one shape for both; or why they take neither.
struct Prepared {
  std::optional<Shape> shape;
  std::string refusal;
};

Prepared prepared(const DataSpec& data, int64_t channels) {
  constexpr std::array<int64_t, 2> sides{4096, 6000};
  Prepared out;
  for (const int64_t side : sides) {
    try {
      const Shape shape = Preparation(data.transforms, {side, side, channels}).shape();
      if (out.shape && *out.shape != shape) return {};
      out.shape = shape;
    } catch (const ShapeError& error) {
      return {std::nullopt, error.what()};
    }
  }
  return out;
}

bool any_size_fits(const DataSpec& data, const std::vector<NetworkInput>& inputs) {
  return std::ranges::any_of(inputs, [&](const NetworkInput& input) {
    if (input.shape.rank() != 3) return false;
    try {
      return Preparation(data.transforms, input.shape).shape() == input.shape;
    } catch (const ShapeError&) {
      return false;
    }
  });
}

std::string text_of(const std::vector<NetworkInput>& inputs) {
  std::vector<std::string> parts;
  for (const NetworkInput& input : inputs) parts.push_back(fmt::format("{} {}", input.network, to_string(input.shape)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Preparation::Preparation(Transforms transforms, const Shape& image) : transforms_(std::move(transforms)) {
  stages_.push_back({{"image", image, 0}, {"label", {}, classes_of_label}});
  for (const auto& transform : transforms_) stages_.push_back(transform->fields(stages_.back()));
}

void Preparation::apply(std::vector<float> image, float* out) const {
  std::vector<std::vector<float>> values{std::move(image), {0}}, next(values.size());
  for (std::size_t t = 0; t < transforms_.size(); ++t) {
    std::vector<const float*> from;
    std::vector<float*> to;
    for (std::size_t field = 0; field < values.size(); ++field) {
      next[field].resize(static_cast<std::size_t>(stages_[t + 1][field].shape.elements()));
      from.push_back(values[field].data());
      to.push_back(next[field].data());
    }
    transforms_[t]->apply(stages_[t], from, to, nullptr);
    values.swap(next);
  }
  std::ranges::copy(values.front(), out);
}

void check_preparation(const Experiment& experiment, std::span<const DataField> fields, Problems& problems) {
  const DataSpec& data = experiment.data;
  const std::vector<NetworkInput> inputs = lone_inputs(experiment);
  // Elsewhere it is expressions that say where the data goes.
  if (data.transforms.empty() || inputs.empty() || experiment.trains() || !experiment.values.empty()) return;
  const auto problem = [&](const std::string& what) {
    problems.add(data.transform_places.back(), fmt::format("data.transform[{}]", data.transforms.size() - 1), what);
  };
  const auto unfit = [&](const Shape& shape) {
    problem(fmt::format("it gives {}, and the networks take: {}", to_string(shape), text_of(inputs)));
  };
  if (!fields.empty()) {
    if (std::ranges::none_of(fields, [&](const DataField& field) { return takes(inputs, field.shape); })) {
      unfit(fields.front().shape);
    }
    return;
  }
  if (any_size_fits(data, inputs)) return;
  std::optional<Shape> made;
  for (const NetworkInput& input : inputs) {
    const Prepared trial = prepared(data, input.shape.rank() == 3 ? input.shape[2] : 1);
    if (!trial.refusal.empty()) return problem(trial.refusal);
    if (!trial.shape || takes(inputs, *trial.shape)) return;  // it depends on the images, or fits
    made = trial.shape;
  }
  unfit(*made);
}

}  // namespace duel
