#include "plugins/layers/batch_statistics.hpp"

#include "plugins/layers/support.hpp"

namespace duel {
namespace {

// What the batch's variance, over N, is multiplied by before it enters the running one. A single value has no sample
// variance; it counts as 0.
double correction(const std::string& running_variance, const Shape& shape) {
  const bool over_all = running_variance == "population" || (running_variance == "by_rank" && shape.rank() < 4);
  const auto count = static_cast<double>(shape.without(shape.rank() - 1).elements());
  return over_all || count <= 1 ? 1 : count / (count - 1);
}

}  // namespace

BatchStatistics::Moments BatchStatistics::moments(LayerContext& context, const Tensor& x) const {
  const Shape channels{x.shape()[-1]};
  const Tensor running_mean = context.state("running_mean", channels, 0);
  const Tensor running = context.state("running_variance", channels, 1);
  if (context.mode() == Mode::inference) return {x - running_mean, running};

  const auto axes = all_but_last(x.shape());
  const Tensor batch_mean = mean(x, axes);
  const Tensor centred = x - batch_mean;
  const Tensor variance = mean(square(centred), axes);
  const std::optional<Tensor> standing = context.standing_decay();
  const auto moved = [&](const Tensor& old, const Tensor& value) {
    return standing ? old * *standing + value * (1 - *standing) : old * decay + value * (1 - decay);
  };
  context.update_state("running_mean", moved(running_mean, batch_mean));
  context.update_state("running_variance", moved(running, variance * correction(running_variance, x.shape())));
  return {centred, variance};
}

}  // namespace duel
