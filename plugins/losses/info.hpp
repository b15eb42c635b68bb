// What a code tells of itself.
#pragma once

#include <optional>
#include <string>

#include "registry/value.hpp"

namespace duel {

// −E log Q(c | x): the negative of InfoGAN's bound of the mutual information between the code c and what is made of it,
// but for the code's entropy, which no network moves (Chen et al. 2016, equations 4 and 5). Q is
//   categorical  the softmax of `prediction` over its last axis; the code is class indices, or probabilities of the
//   logits'
//                shape (one-hot rows)
//   normal       independent normals of mean `prediction` and deviation 1, or e^log_deviation where it is given: for
//                continuous codes, uniform ones among them (section 6); summed over the code's elements
// averaged over the rows.
class Info final : public Loss {
 public:
  Expression prediction;
  Expression code;
  std::string distribution = "categorical";  // categorical | normal
  std::optional<Expression> log_deviation;   // of normal: of the prediction's shape, or one number

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  static void declare(Declaration<Info>& d);

 private:
  Tensor categorical(const Tensor& logits, const Tensor& drawn) const;
  Tensor normal(ValueContext& context, const Tensor& center, const Tensor& drawn) const;
};

}  // namespace duel
