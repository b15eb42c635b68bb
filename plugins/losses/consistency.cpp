#include "plugins/losses/consistency.hpp"

#include "plugins/losses/match.hpp"
#include "registry/rows.hpp"

namespace duel {

Tensor Consistency::build(ValueContext& context) const {
  const Tensor plain = context.evaluate(of);
  return mean(row_squares(plain - match_shape("consistency", context.evaluate(augmented), plain), "consistency"));
}

void Consistency::declare(Declaration<Consistency>& d) {
  d.help("how differently the discriminator speaks of examples and of their augmentations");
  d.reference("Zhang et al. 2020, Consistency Regularization for Generative Adversarial Networks, section 3");
  d.parameter("of", &Consistency::of, "the discriminator's output, or features, of real data").required();
  d.parameter("augmented", &Consistency::augmented, "the same of the augmented data").required();
}

}  // namespace duel
