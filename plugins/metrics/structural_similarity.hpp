// Structural similarity of two images: the part that SSIM and MS-SSIM have in common.
#pragma once

#include <span>
#include <vector>

#include "plugins/metrics/feature_map.hpp"

namespace duel {

// A Gaussian of `size` taps with sum 1, σ = 1.5 at the size of 11 and in that proportion at others. Along one axis: the
// window of an image is its product with itself.
std::vector<double> gaussian_window(int64_t size);

// Means over the windows that lie within the image, and over channels:
//   similarity          (2μaμb + C₁)(2σab + C₂) / ((μa² + μb² + C₁)(σa² + σb² + C₂))
//   contrast_structure  (2σab + C₂) / (σa² + σb² + C₂)
// with C₁ = (0.01·255)², C₂ = (0.03·255)² and moments weighed by the window (Wang et al., Image quality assessment:
// from error visibility to structural similarity, 2004, section III B). 1 for equal images; may be negative.
struct StructuralSimilarity {
  double similarity = 0;
  double contrast_structure = 0;
};

// Of two images of one shape, neither side of which is shorter than the window.
StructuralSimilarity structural_similarity(const FeatureMap& a, const FeatureMap& b, std::span<const double> window);

}  // namespace duel
