// Weights that are nearly orthogonal.
#pragma once

#include <string>
#include <vector>

#include "registry/value.hpp"

namespace duel {

// Σ over the weights W of the networks of ‖WᵀW ⊙ (1 − I)‖²_F (off_diagonal; Brock et al. 2019, equation 3) or of
// ‖WᵀW − I‖²_F (full; equation 2, after Brock et al. 2017). W is what a dense layer, a convolution or an attention
// multiplies by, as a matrix [everything else, outputs], so WᵀW holds the products of each two filters; biases,
// embeddings and the factors of normalisations are left out. Under spectral_norm or weight_norm it is the weight that
// is trained. The networks have to be among those that the player of the loss updates.
class Orthogonal final : public Loss {
 public:
  std::vector<std::string> networks;
  std::string form = "off_diagonal";  // off_diagonal | full

  Tensor build(ValueContext& context) const override;
  static void declare(Declaration<Orthogonal>& d);
};

}  // namespace duel
