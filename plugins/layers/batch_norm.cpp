#include "plugins/layers/layers.hpp"
#include "plugins/layers/normalization.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// The statistics of a batch normalise it in training; running ones, moved towards them in each training call, do in
// inference.
struct BatchNorm final : Normalization {
  double decay = 0.99;
  std::string running_variance = "by_rank";

  static void declare(Declaration<BatchNorm>& d) {
    d.help("each channel to mean 0 and variance 1 over the batch and all axes but the last, then gamma·x + beta");
    d.reference("Ioffe and Szegedy, Batch normalization (2015)");
    d.parameter("decay", &BatchNorm::decay,
                "weight of the old value in the running statistics (Keras' momentum, 1 − PyTorch's)")
        .preset("0.99", "0.9")
        .min(0)
        .max(1);
    declare_normalization(d);
    d.parameter("running_variance", &BatchNorm::running_variance,
                "the batch's variance enters the running one over N (population), over N−1 (sample), or as Keras has "
                "it: over N−1 for images, else over N (by_rank)")
        .one_of({"by_rank", "population", "sample"})
        .preset("by_rank", "sample");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("batch_norm", x);
    const Shape channels{x.shape()[-1]};
    const Tensor running_mean = context.state("running_mean", channels, 0);
    const Tensor running = context.state("running_variance", channels, 1);
    if (context.mode() == Mode::inference) return normalize(context, x - running_mean, running, channels);

    const auto axes = all_but_last(x.shape());
    const Tensor batch_mean = mean(x, axes);
    const Tensor centred = x - batch_mean;
    const Tensor variance = mean(square(centred), axes);
    context.update_state("running_mean", moved(running_mean, batch_mean));
    context.update_state("running_variance", moved(running, variance * correction(x.shape())));
    return normalize(context, centred, variance, channels);
  }

 private:
  Tensor moved(const Tensor& old, const Tensor& value) const { return old * decay + value * (1 - decay); }

  // A single value has no sample variance; it counts as 0.
  double correction(const Shape& shape) const {
    const bool over_all = running_variance == "population" || (running_variance == "by_rank" && shape.rank() < 4);
    const auto count = static_cast<double>(shape.without(shape.rank() - 1).elements());
    return over_all || count <= 1 ? 1 : count / (count - 1);
  }
};

}  // namespace

void add_batch_norm(KindRegistry<Layer>& layers) { layers.add<BatchNorm>("batch_norm"); }

}  // namespace duel
