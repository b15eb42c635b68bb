// What the layers that normalise by the statistics of a batch share.
#pragma once

#include <string>

#include "plugins/layers/normalization.hpp"

namespace duel {

// Running statistics, and how they follow those of the batches.
struct BatchStatistics {
  double decay = 0.99;
  std::string running_variance = "by_rank";

  // What a value is normalised with: x less its mean, and the variance, of each channel.
  struct Moments {
    Tensor centred;
    Tensor variance;
  };
  // Of the batch in training, which moves the running ones; in inference the running ones. Statistics are over all axes
  // but the last. They are the states running_mean and running_variance of `context`.
  Moments moments(LayerContext& context, const Tensor& x) const;

  template <class Component>
  static void declare_decay(Declaration<Component>& d) {
    d.parameter("decay", &Component::decay,
                "weight of the old value in the running statistics (Keras' momentum, 1 − PyTorch's)")
        .preset("0.99", "0.9")
        .min(0)
        .max(1);
  }
  template <class Component>
  static void declare_running_variance(Declaration<Component>& d) {
    d.parameter("running_variance", &Component::running_variance,
                "the batch's variance enters the running one over N (population), over N−1 (sample), or as Keras has "
                "it: over N−1 for images, else over N (by_rank)")
        .one_of({"by_rank", "population", "sample"})
        .preset("by_rank", "sample");
  }
};

}  // namespace duel
