// A history of generated examples.
#pragma once

#include <memory>

#include "plugins/values/random.hpp"

namespace duel {

// x, some of whose rows are exchanged for rows of earlier steps (Shrivastava et al. 2017, section 2.3; as Zhu et al.
// 2017, section 4, have it). While fewer than `size` rows are stored, rows are stored and passed; of a batch that fills
// the store, the rest is passed only. From then on each row is, with that probability, exchanged for a stored one and
// stored in its place. The places of a batch are distinct: the store, begun at a random place, is cut into as many
// parts as the batch has rows, and each row draws from its own; so each place is as likely as any other. Nothing is
// trained through the rows that come out of the store. It changes once a step, as the first turn that computes this
// draws. In samples and evaluations x is passed. A batch of more rows than `size` is a ShapeError.
class ReplayValue final : public RandomValue {
 public:
  Expression x;
  int64_t size = 0;
  std::shared_ptr<const Schedule> probability = constant_schedule(0.5);

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<ReplayValue>& d);

 private:
  // [batch] distinct random places of the store.
  Tensor places(ValueContext& context, int64_t batch) const;
};

}  // namespace duel
