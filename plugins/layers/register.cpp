#include "plugins/layers/register.hpp"

#include "plugins/layers/layers.hpp"

namespace duel {

void register_layers(Registry& registry) {
  add_activations(registry.layers);
  add_batch_norm(registry.layers);
  add_conditional_norm(registry.layers);
  add_convolution(registry.layers);
  add_dense(registry.layers);
  add_embedding(registry.layers);
  add_group_norm(registry.layers);
  add_joins(registry.layers);
  add_layer_norm(registry.layers);
  add_margins(registry.layers);
  add_maxout(registry.layers);
  add_minibatch(registry.layers);
  add_nesting(registry.layers);
  add_noise(registry.layers);
  add_pixel_shuffle(registry.layers);
  add_pooling(registry.layers);
  add_prelu(registry.layers);
  add_projection(registry.layers);
  add_reparametrization(registry.layers);
  add_resize(registry.layers);
  add_self_attention(registry.layers);
  add_shapes(registry.layers);
  add_style(registry.layers);
}

}  // namespace duel
