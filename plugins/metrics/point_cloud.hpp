// Distances between sets of points, which stand for the distributions that they were drawn from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace duel {

// Points of one width, of which there may be millions: they are made when they are asked for.
struct PointCloud {
  int64_t width = 0;
  int64_t count = 0;
  // Writes points [begin, begin + points), row-major, to out. Called by several threads at once.
  std::function<void(int64_t begin, int64_t points, double* out)> copy;
};

// The 1-Wasserstein distance of two empirical distributions on a line: the integral of |F⁻¹ − G⁻¹| over 0 … 1. Both
// sets are in rising order and not empty; they need not have one size. Exactly 0 for equal sets.
double wasserstein_distance(std::span<const double> a, std::span<const double> b);

// The mean of wasserstein_distance over projections onto `directions` random unit vectors, the same for both clouds,
// drawn from streams of `key` (Rabin et al., Wasserstein barycenter and its application to texture mixing, 2011). Both
// clouds have one width, at least a point, and finite values. As many directions are taken at once as `memory` bytes
// hold, and at least one. Uses the threads of the enclosing ThreadPool::run; the same bits on any number of them.
double sliced_wasserstein_distance(const PointCloud& a, const PointCloud& b, int64_t directions, uint64_t key,
                                   int64_t memory = int64_t{512} << 20);

}  // namespace duel
