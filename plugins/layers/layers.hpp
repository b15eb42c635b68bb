// One function a file of this folder: it adds the file's kinds. To add a layer: its file, a line here, a line in
// register.cpp.
#pragma once

#include "registry/layer.hpp"
#include "registry/registry.hpp"

namespace duel {

void add_activations(KindRegistry<Layer>& layers);
void add_batch_norm(KindRegistry<Layer>& layers);
void add_conditional_norm(KindRegistry<Layer>& layers);
void add_convolution(KindRegistry<Layer>& layers);
void add_dense(KindRegistry<Layer>& layers);
void add_embedding(KindRegistry<Layer>& layers);
void add_group_norm(KindRegistry<Layer>& layers);
void add_joins(KindRegistry<Layer>& layers);
void add_layer_norm(KindRegistry<Layer>& layers);
void add_margins(KindRegistry<Layer>& layers);
void add_maxout(KindRegistry<Layer>& layers);
void add_minibatch(KindRegistry<Layer>& layers);
void add_nesting(KindRegistry<Layer>& layers);
void add_noise(KindRegistry<Layer>& layers);
void add_pixel_shuffle(KindRegistry<Layer>& layers);
void add_pooling(KindRegistry<Layer>& layers);
void add_prelu(KindRegistry<Layer>& layers);
void add_projection(KindRegistry<Layer>& layers);
void add_reparametrization(KindRegistry<Layer>& layers);
void add_resize(KindRegistry<Layer>& layers);
void add_self_attention(KindRegistry<Layer>& layers);
void add_shapes(KindRegistry<Layer>& layers);
void add_style(KindRegistry<Layer>& layers);

}  // namespace duel
