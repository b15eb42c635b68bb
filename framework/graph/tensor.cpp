#include "graph/tensor.hpp"

#include "base/error.hpp"

namespace duel {

Graph& Tensor::graph() const {
  DUEL_CHECK(graph_ != nullptr, "an empty tensor is used");
  return *graph_;
}

}  // namespace duel
