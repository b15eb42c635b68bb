// What normalisations share: ε and the trained scale and offset that follow them.
#pragma once

#include "registry/layer.hpp"

namespace duel {

struct Normalization : Layer {
  double epsilon = 1e-3;
  bool scale = true;
  bool center = true;
  std::shared_ptr<const Initializer> gamma_initializer;
  std::shared_ptr<const Initializer> beta_initializer;

  // `torch_affine`: whether gamma and beta are there by PyTorch's defaults.
  template <class Component>
  static void declare_normalization(Declaration<Component>& d, bool torch_affine = true) {
    const std::string torch = torch_affine ? "true" : "false";
    d.parameter("epsilon", &Component::epsilon, "added to the variance").preset("0.001", "0.00001").above(0);
    d.parameter("scale", &Component::scale, "multiply by a trained gamma").preset("true", torch);
    d.parameter("center", &Component::center, "add a trained beta").preset("true", torch);
    d.parameter("gamma_initializer", &Component::gamma_initializer, "what gamma starts with").default_value("ones");
    d.parameter("beta_initializer", &Component::beta_initializer, "what beta starts with").default_value("zeros");
  }

 protected:
  // centred / √(variance + ε) · gamma + beta, the last two of shape `affine`. All broadcast to centred's shape.
  Tensor normalize(LayerContext& context, const Tensor& centred, const Tensor& variance, const Shape& affine) const;
};

}  // namespace duel
