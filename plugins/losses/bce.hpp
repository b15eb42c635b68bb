// Binary cross-entropy.
#pragma once

#include <optional>

#include "registry/value.hpp"

namespace duel {

// mean(−t·log p − (1−t)·log(1−p)), p a probability or the sigmoid of a logit.
//
// On logits it is mean(t·softplus(−x) + (1−t)·softplus(x)), which equals max(x, 0) − x·t + log(1 + e^−|x|), loses no
// digits at any x and is smooth. On probabilities the logarithms are clamped at −100, as PyTorch's BCELoss does; where
// one is clamped its derivative is 0.
class BinaryCrossEntropy final : public Loss {
 public:
  std::optional<Expression> logits;
  std::optional<Expression> probabilities;
  Expression target;     // a number, or of the prediction's shape; in [0, 1]
  double smoothing = 0;  // t becomes t·(1−s) + s/2

  Tensor build(ValueContext& context) const override;
  // For targets that are numbers: those above ½ are of real examples.
  std::optional<Judgement> judgement() const override;
  std::string conflict() const;
  static void declare(Declaration<BinaryCrossEntropy>& d);
};

}  // namespace duel
