#include "plugins/layers/batch_statistics.hpp"
#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// The statistics of a batch normalise it in training; running ones, moved towards them in each training call, do in
// inference.
struct BatchNorm final : Normalization, BatchStatistics {
  static void declare(Declaration<BatchNorm>& d) {
    d.help("each channel to mean 0 and variance 1 over the batch and all axes but the last, then gamma·x + beta");
    d.reference("Ioffe and Szegedy, Batch normalization (2015)");
    declare_decay(d);
    declare_normalization(d);
    declare_running_variance(d);
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("batch_norm", x);
    const auto [centred, variance] = moments(context, x);
    return normalize(context, centred, variance, {x.shape()[-1]});
  }
};

}  // namespace

void add_batch_norm(KindRegistry<Layer>& layers) { layers.add<BatchNorm>("batch_norm"); }

}  // namespace duel
