// Layers that show a discriminator how alike the examples of a batch are.
#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct MinibatchStddev final : Layer {
  int64_t group = 4;
  int64_t features = 1;

  static void declare(Declaration<MinibatchStddev>& d) {
    d.help("appends channels with the mean standard deviation, over a group of examples, of each position and channel");
    d.reference("Karras et al., Progressive growing of GANs (2018), section 3");
    d.parameter("group", &MinibatchStddev::group,
                "examples that are compared; divides the batch. The whole batch where that is smaller")
        .main()
        .min(1);
    d.parameter("features", &MinibatchStddev::features,
                "channels appended: one for each of so many parts of the channels")
        .min(1);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("minibatch_stddev", x);
    const int64_t batch = x.shape()[0];
    const int64_t channels = x.shape()[-1];
    const int64_t size = std::min(group, batch);
    if (batch % size != 0) {
      throw ShapeError(fmt::format("minibatch_stddev: a batch of {} cannot be cut into groups of {}", batch, size));
    }
    if (channels % features != 0) {
      throw ShapeError(fmt::format("minibatch_stddev: {} channels of {} cannot be cut into {} parts", channels,
                                   to_string(x.shape().without_first()), features));
    }
    // As in the paper's code, a group is every (batch / size)-th example.
    const int64_t groups = batch / size;
    const int64_t pixels = x.shape().elements() / (batch * channels);
    const Tensor parts = reshape(x, {size, groups, pixels, features, channels / features});
    const int64_t members[] = {0};
    const Tensor centred = parts - mean(parts, members, true);
    const Tensor deviation = sqrt(mean(square(centred), members) + 1e-8);  // [groups, pixels, features, part]
    const int64_t within[] = {1, 3};
    const Tensor statistic = mean(deviation, within);  // [groups, features]

    const Tensor spread = broadcast(reshape(statistic, {1, groups, 1, features}), {size, groups, pixels, features});
    const Tensor joined[] = {x, reshape(spread, with_last(x.shape(), features))};
    return concat(joined, x.rank() - 1);
  }
};

struct MinibatchDiscrimination final : Layer {
  int64_t kernels = 0;
  int64_t size = 5;
  std::shared_ptr<const Initializer> kernel_initializer;

  static void declare(Declaration<MinibatchDiscrimination>& d) {
    d.help("appends, for each of `kernels` projections, how near the other examples of the batch are: Σ e^−|Mᵢ − Mⱼ|");
    d.reference("Salimans et al., Improved techniques for training GANs (2016), section 3.2");
    d.parameter("kernels", &MinibatchDiscrimination::kernels, "features appended").required().main().min(1);
    d.parameter("size", &MinibatchDiscrimination::size, "extent of each projection").min(1);
    d.parameter("kernel_initializer", &MinibatchDiscrimination::kernel_initializer, "what the projections start with")
        .preset("glorot_uniform", "uniform_fan_in");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    if (x.rank() != 2) {
      throw ShapeError(fmt::format("minibatch_discrimination: takes rows of features, not {}; put a flatten before it",
                                   to_string(x.shape().without_first())));
    }
    const int64_t batch = x.shape()[0];
    const Shape shape{x.shape()[1], kernels * size};
    const Tensor weight = context.weight("weight", shape, kernel_initializer, fans_of(shape), WeightAxes::table);
    const Tensor projected = matmul(x, weight);
    const Tensor one = reshape(projected, {batch, 1, kernels, size});
    const Tensor other = reshape(projected, {1, batch, kernels, size});
    const int64_t along[] = {3};
    const int64_t others[] = {1};
    const Tensor nearness = sum(exp(-sum(abs(one - other), along)), others);  // an example is near itself, too
    const Tensor joined[] = {x, nearness};
    return concat(joined, 1);
  }
};

}  // namespace

void add_minibatch(KindRegistry<Layer>& layers) {
  layers.add<MinibatchStddev>("minibatch_stddev");
  layers.add<MinibatchDiscrimination>("minibatch_discrimination");
}

}  // namespace duel
