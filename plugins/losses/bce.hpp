// Binary cross-entropy.
#pragma once

#include <memory>
#include <optional>

#include "registry/value.hpp"

namespace duel {

// mean(−t·log p − (1−t)·log(1−p)), p a probability or the sigmoid of a logit.
//
// On logits it is mean(t·softplus(−x) + (1−t)·softplus(x)), which equals max(x, 0) − x·t + log(1 + e^−|x|), loses no
// digits at any x and is smooth. On probabilities the logarithms are clamped at −100, as PyTorch's BCELoss does; where
// one is clamped its derivative is 0.
//
// Each row's target t is turned over, to 1−t, with the probability `flip`, before it is smoothed (Chintala et al. 2016,
// "How to train a GAN?", 6: noisy labels). `top` takes the share of the rows whose predictions are greatest, for a
// generator's loss (top_rows.hpp).
class BinaryCrossEntropy final : public Loss {
 public:
  std::optional<Expression> logits;
  std::optional<Expression> probabilities;
  Expression target;     // a number, or of the prediction's shape; in [0, 1]
  double smoothing = 0;  // t becomes t·(1−s) + s/2
  std::shared_ptr<const Schedule> flip = constant_schedule(0);
  std::shared_ptr<const Schedule> top = constant_schedule(1);

  Tensor build(ValueContext& context) const override;
  // For targets that are numbers: those above ½ are of real examples.
  std::optional<Judgement> judgement() const override;
  std::string conflict() const;
  static void declare(Declaration<BinaryCrossEntropy>& d);

 private:
  Tensor turned(ValueContext& context, const Tensor& t) const;
};

}  // namespace duel
