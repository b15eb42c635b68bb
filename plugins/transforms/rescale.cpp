#include "plugins/transforms/rescale.hpp"

#include "graph/op.hpp"

namespace duel {
namespace {

constexpr double brightest = 255;

void check_length(const char* name, const std::vector<double>& values, const Field& field) {
  const int64_t channels = field.shape.rank() == 0 ? 1 : field.shape[-1];
  if (values.size() == 1 || std::ssize(values) == channels) return;
  throw ShapeError(fmt::format("standardize: '{}' has {} numbers, {} {} needs one or {}", name, values.size(),
                               field.name, to_string(field.shape), channels));
}

}  // namespace

std::string Rescale::conflict() const {
  if (to.size() != 2 || to[0] == to[1]) return "'to' must be two different numbers";
  if (!from.empty() && (from.size() != 2 || from[0] == from[1])) return "'from' must be two different numbers";
  return {};
}

Field Rescale::changed(const Field& field) const {
  if (from.empty() && field.shape.rank() != 3) {
    throw ShapeError(fmt::format("rescale: {} {} is no image, so its range must be given: from: [low, high]",
                                 field.name, to_string(field.shape)));
  }
  return field;
}

void Rescale::change(const Field&, std::span<const float> in, float* out, RandomStream*) const {
  const double low = from.empty() ? 0 : from[0], high = from.empty() ? brightest : from[1];
  const double factor = (to[1] - to[0]) / (high - low);
  for (const float value : in) *out++ = static_cast<float>(to[0] + (value - low) * factor);
}

void Rescale::declare(Declaration<Rescale>& d) {
  d.help("maps a range of values linearly to another");
  d.parameter("to", &Rescale::to, "[low, high] afterwards").main();
  d.parameter("from", &Rescale::from, "[low, high] before; default for images: [0, 255]");
  declare_fields(d);
}

Field Standardize::changed(const Field& field) const {
  check_length("mean", mean, field);
  check_length("deviation", deviation, field);
  return field;
}

void Standardize::change(const Field&, std::span<const float> in, float* out, RandomStream*) const {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double centred = in[i] - mean[i % mean.size()];
    out[i] = static_cast<float>(centred / deviation[i % deviation.size()]);
  }
}

void Standardize::declare(Declaration<Standardize>& d) {
  d.help("subtracts a mean and divides by a standard deviation, both given");
  d.parameter("mean", &Standardize::mean, "one number, or one for each channel or coordinate").required();
  d.parameter("deviation", &Standardize::deviation, "one number, or one for each channel or coordinate")
      .required()
      .above(0);
  declare_fields(d);
}

}  // namespace duel
