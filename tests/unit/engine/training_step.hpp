// A step of training by hand: two dense layers with a leaky ReLU, a normalisation over the batch, a noisy target, a
// mean squared error and momentum. Large enough that every launch has many tiles.
#pragma once

#include "graph/graph.hpp"

namespace duel {

// Input x [256, 96]; variables first, second (weights) and their momenta; output loss.
Graph training_step(DType dtype);

}  // namespace duel
