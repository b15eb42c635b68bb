// Data of the right shapes in place of the data sets that full variants name, most of which nobody has at hand.
#pragma once

#include <filesystem>

namespace duel {

// Makes below `folder`, which is to be $DUEL_DATA: MNIST and CIFAR-10 in black, as many examples as an experiment asks
// for by their number, and small pictures where LSUN's bedrooms, CelebA, ImageNet (ten classes) and the patches of the
// retina would lie, at least as many as the largest batch has.
void make_stand_in_data(const std::filesystem::path& folder);

}  // namespace duel
