#include "plugins/values/diff_augment.hpp"

#include <algorithm>
#include <cmath>

#include "graph/op.hpp"
#include "registry/images.hpp"

namespace duel {
namespace {

// A share of an extent, rounded to whole pixels.
int64_t pixels(int64_t extent, double share) { return std::lround(static_cast<double>(extent) * share); }

// 0, 1, … along an axis of images, to broadcast.
Tensor positions(const Tensor& images, int axis) {
  Shape along{1, 1, 1, 1};
  along[axis] = images.shape()[axis];
  return reshape(iota(images.graph(), images.shape()[axis]), along);
}

Tensor between(const Tensor& value, const Tensor& low, const Tensor& high) {
  return greater_equal(value, low) * less(value, high);
}

// Each image's pixel i along the height is what stood at i + shift, or 0 where nothing stood.
Tensor shifted_rows(const Tensor& images, const Tensor& shift) {
  const Shape& shape = images.shape();
  const int64_t count = shape[0], height = shape[1];
  const Tensor from = positions(images, 1) + shift;  // [batch, height, 1, 1]
  const auto last = static_cast<double>(height - 1);
  const Tensor within = maximum(minimum(from, last), 0);
  Graph& graph = images.graph();
  const Tensor first = reshape(iota(graph, count) * static_cast<double>(height), Shape{count, 1, 1, 1});
  const Tensor lines = reshape(images, Shape{count * height, shape[2] * shape[3]});
  const Tensor moved = reshape(gather(lines, reshape(first + within, Shape{count * height})), shape);
  return select(equal(from, within), moved, constant(graph, 0));
}

Tensor turned(const Tensor& images) {
  const int64_t order[] = {0, 2, 1, 3};
  return permute(images, order);
}

// The probability as one number, or as [batch, 1, 1, 1].
Tensor a_row(const Tensor& chance, int64_t batch) {
  if (chance.shape().elements() == 1) return reshape(chance, {});
  if (chance.rank() > 0 && chance.shape()[0] == batch && chance.shape().elements() == batch) {
    return reshape(chance, Shape{batch, 1, 1, 1});
  }
  throw ShapeError(fmt::format("diff_augment: the probability is one number, or one for each of {} rows, not {}", batch,
                               to_string(chance.shape())));
}

}  // namespace

DiffAugmentValue::DiffAugmentValue() {
  probability.number = 1;
  probability.text = "1";
}

Tensor DiffAugmentValue::draw(ValueContext& context, const std::string& name, const Tensor& images) const {
  return random_uniform(context.graph(), stream(context, name), Shape{images.shape()[0], 1, 1, 1});
}

Tensor DiffAugmentValue::colored(ValueContext& context, const Tensor& images) const {
  const int64_t channels[] = {3}, all[] = {1, 2, 3};
  Tensor y = images + (draw(context, "brightness", images) - 0.5);
  const Tensor grey = mean(y, channels, true);
  y = (y - grey) * (2 * draw(context, "saturation", images)) + grey;
  const Tensor middle = mean(y, all, true);
  return (y - middle) * (draw(context, "contrast", images) + 0.5) + middle;
}

Tensor DiffAugmentValue::translated(ValueContext& context, const Tensor& images) const {
  const auto shift = [&](const char* name, int axis) {
    const auto reach = static_cast<double>(pixels(images.shape()[axis], 0.125));
    return floor(draw(context, name, images) * (2 * reach + 1)) - reach;
  };
  const Tensor down = shifted_rows(images, shift("down", 1));
  return turned(shifted_rows(turned(down), shift("right", 2)));
}

Tensor DiffAugmentValue::cut(ValueContext& context, const Tensor& images) const {
  const auto hole = [&](const char* name, int axis) {
    const int64_t extent = images.shape()[axis];
    const int64_t size = pixels(extent, 0.5);
    const auto places = static_cast<double>(extent + 1 - size % 2);
    const int64_t before = size / 2;
    const Tensor begin = floor(draw(context, name, images) * places) - static_cast<double>(before);
    return between(positions(images, axis), begin, begin + static_cast<double>(size));
  };
  const Tensor high = hole("hole_row", 1);
  return select(high * hole("hole_column", 2), constant(context.graph(), 0), images);
}

Tensor DiffAugmentValue::build(ValueContext& context) const {
  Tensor y = context.evaluate(x);
  require_image("diff_augment", y);
  const Tensor chance = a_row(stop_gradient(context.evaluate(probability)), y.shape()[0]);
  const auto fixed = constant_value(chance);
  const bool always = fixed && *fixed >= 1;
  for (const std::string& name : policy) {
    const Tensor changed = name == "color"         ? colored(context, y)
                           : name == "translation" ? translated(context, y)
                                                   : cut(context, y);
    y = always ? changed : select(less(draw(context, name, y), chance), changed, y);
  }
  return y;
}

std::string DiffAugmentValue::conflict() const {
  const std::vector<std::string> known{"color", "translation", "cutout"};
  for (std::size_t i = 0; i < policy.size(); ++i) {
    if (std::ranges::find(known, policy[i]) == known.end()) {
      return fmt::format("'{}' is no augmentation: color, translation or cutout", policy[i]);
    }
    if (std::find(policy.begin(), policy.begin() + static_cast<std::ptrdiff_t>(i), policy[i]) !=
        policy.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fmt::format("'{}' stands twice in the policy", policy[i]);
    }
  }
  const bool is_number = probability.kind == Expression::Kind::number;
  return is_number && (probability.number < 0 || probability.number > 1) ? "the probability is from 0 to 1" : "";
}

void DiffAugmentValue::declare(Declaration<DiffAugmentValue>& d) {
  d.help("images augmented in ways that a generator can be trained through: discriminator(diff_augment(fake))");
  d.reference("Zhao et al. 2020, Differentiable augmentation for data-efficient GAN training, section 3.2");
  d.parameter("x", &DiffAugmentValue::x, "the images").required();
  d.parameter("policy", &DiffAugmentValue::policy, "which augmentations, in order: color, translation, cutout");
  d.parameter("probability", &DiffAugmentValue::probability,
              "of each augmentation for each row; may be a schedule or a value, such as that of adaptive()");
  declare_redraw(d);
}

}  // namespace duel
