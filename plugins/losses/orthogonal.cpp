#include "plugins/losses/orthogonal.hpp"

#include <fmt/format.h>

#include <set>

namespace duel {
namespace {

// [everything else, outputs]
Tensor as_matrix(const NetworkWeight& weight) {
  const int rank = weight.value.rank();
  const int outputs_axis = weight.output_axis < 0 ? weight.output_axis + rank : weight.output_axis;
  std::vector<int64_t> order;
  for (int axis = 0; axis < rank; ++axis) {
    if (axis != outputs_axis) order.push_back(axis);
  }
  order.push_back(outputs_axis);
  const int64_t outputs = weight.value.shape()[outputs_axis];
  return reshape(permute(weight.value, order), {weight.value.shape().elements() / outputs, outputs});
}

}  // namespace

Tensor Orthogonal::build(ValueContext& context) const {
  Tensor total;
  std::set<std::string> seen;  // networks may share weights
  for (const std::string& network : networks) {
    for (const NetworkWeight& multiplier : context.weights_of(network)) {
      if (!seen.insert(multiplier.name).second) continue;
      const Tensor matrix = as_matrix(multiplier);
      const Tensor products = matmul(matrix, matrix, true);
      const int64_t outputs = matrix.shape()[1];
      const Tensor place = iota(context.graph(), outputs);
      const Tensor diagonal = equal(reshape(place, {outputs, 1}), reshape(place, {1, outputs}));
      const Tensor off = square(form == "full" ? products - diagonal : products * (1 - diagonal));
      total = total ? total + sum(off) : sum(off);
    }
  }
  if (total) return total;
  throw UserError(ExitCode::experiment, fmt::format("orthogonal: {} has no weights that multiply", networks.front()),
                  "it is for dense layers, convolutions and attention");
}

void Orthogonal::declare(Declaration<Orthogonal>& d) {
  d.help("how far the filters of networks are from being orthogonal to each other");
  d.reference(
      "Brock et al. 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis, equations 2 and 3");
  d.parameter("networks", &Orthogonal::networks, "of whose weights, one or a list; the player has to update them")
      .required()
      .main();
  d.parameter("form", &Orthogonal::form, "off_diagonal: filters of any length; full: of length 1")
      .one_of({"off_diagonal", "full"});
}

}  // namespace duel
