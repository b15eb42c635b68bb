// Cross-entropy over classes.
#pragma once

#include <optional>

#include "registry/value.hpp"

namespace duel {

// mean over the batch of −Σ_k t_k·log softmax(logits)_k; the classes are the last axis of the logits. The target is the
// class's index (labels, of the logits' shape without the classes) or a distribution over the classes (target).
class CrossEntropy final : public Loss {
 public:
  Expression logits;
  std::optional<Expression> labels;
  std::optional<Expression> target;
  double smoothing = 0;  // t becomes t·(1−s) + s/classes (Szegedy et al. 2016, section 7)

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<CrossEntropy>& d);
};

}  // namespace duel
