// Layers that disturb their input in training and pass it on untouched in inference.
#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// In training sets to 0 a random share of what `mask` (extents as x's, or 1) tells apart; the rest keeps the mean.
Tensor dropped(LayerContext& context, const Tensor& x, double rate, const Shape& mask) {
  if (context.mode() == Mode::inference || rate == 0) return x;
  if (rate == 1) return constant_like(x, 0);
  const Tensor draw = random_uniform(context.graph(), context.random("mask"), mask);
  const Tensor kept = greater_equal(draw, constant_like(draw, rate));
  return x * (kept * (1 / (1 - rate)));
}

struct Dropout final : Layer {
  double rate = 0.5;

  static void declare(Declaration<Dropout>& d) {
    d.help("in training sets elements to 0 at random and multiplies the others by 1/(1−rate)");
    d.reference("Srivastava et al., Dropout (2014)");
    d.parameter("rate", &Dropout::rate, "share of elements that are set to 0").main().min(0).max(1);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    return dropped(context, inputs[0], rate, inputs[0].shape());
  }
};

struct SpatialDropout final : Layer {
  double rate = 0.5;

  static void declare(Declaration<SpatialDropout>& d) {
    d.help("in training sets whole channels of examples to 0 at random and multiplies the others by 1/(1−rate)");
    d.reference("Tompson et al., Efficient object localization using convolutional networks (2015)");
    d.parameter("rate", &SpatialDropout::rate, "share of channels that are set to 0").main().min(0).max(1);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    require_features("spatial_dropout", inputs[0]);
    Shape channels = inputs[0].shape();
    for (int axis = 1; axis < channels.rank() - 1; ++axis) channels[axis] = 1;
    return dropped(context, inputs[0], rate, channels);
  }
};

struct GaussianNoise final : Layer {
  std::shared_ptr<const Schedule> stddev = constant_schedule(0.1);

  static void declare(Declaration<GaussianNoise>& d) {
    d.help("in training adds normal noise of mean 0");
    d.parameter("stddev", &GaussianNoise::stddev, "standard deviation of the noise; may be a schedule")
        .required()
        .main()
        .min(0);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (context.mode() == Mode::inference) return x;
    return x + random_normal(context.graph(), context.random("noise"), x.shape()) * context.number(*stddev);
  }
};

}  // namespace

void add_noise(KindRegistry<Layer>& layers) {
  layers.add<Dropout>("dropout");
  layers.add<SpatialDropout>("spatial_dropout");
  layers.add<GaussianNoise>("gaussian_noise");
}

}  // namespace duel
