#include "plugins/transforms/resize.hpp"

#include "data/resample.hpp"
#include "graph/op.hpp"

namespace duel {
namespace {

ResizeFilter filter_of(const std::string& name) {
  if (name == "area") return ResizeFilter::area;
  return name == "bilinear" ? ResizeFilter::linear : ResizeFilter::cubic;
}

// The taps of the geometry used last on this thread: all images of a field have the same.
const ImageResampler& resampler_for(const Shape& from, const Shape& to, ResizeFilter filter) {
  struct Last {
    Shape from, to;
    ResizeFilter filter;
    ImageResampler resampler;
  };
  static thread_local std::optional<Last> last;
  if (!last || !(last->from == from && last->to == to) || last->filter != filter) {
    const Resizing how{.filter = filter, .antialias = true};
    last = Last{from, to, filter, {resizing_taps(from[0], to[0], how), resizing_taps(from[1], to[1], how), from[2]}};
  }
  return last->resampler;
}

}  // namespace

std::string Resize::conflict() const {
  return size.empty() || size.size() > 2 ? "'size' has one number, or height and width" : "";
}

Field Resize::changed(const Field& field) const {
  check_image("resize", field);
  const auto [height, width] = height_and_width(size);
  return {field.name, {height, width, field.shape[2]}, 0};
}

void Resize::change(const Field& field, std::span<const float> in, float* out, RandomStream*) const {
  static thread_local std::vector<float> scratch;
  resampler_for(field.shape, changed(field).shape, filter_of(filter)).apply(in.data(), out, scratch);
}

void Resize::declare(Declaration<Resize>& d) {
  d.help("images at another size, antialiased");
  d.parameter("size", &Resize::size, "height and width afterwards, or one number for both")
      .main()
      .required()
      .min(1)
      .max(1 << 14);
  d.parameter("filter", &Resize::filter, "how pixels are weighed").one_of({"bicubic", "bilinear", "area"});
  declare_fields(d);
}

}  // namespace duel
