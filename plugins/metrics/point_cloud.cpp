#include "plugins/metrics/point_cloud.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"

namespace duel {
namespace {

constexpr int64_t points_a_tile = 256;

// Unit vectors `begin` to `begin + count` of the key, one a row.
std::vector<double> unit_vectors(int64_t begin, int64_t count, int64_t width, uint64_t key) {
  std::vector<double> vectors;
  for (int64_t i = begin; i < begin + count; ++i) {
    RandomStream random(stream_key(key, static_cast<uint64_t>(i), "direction"));
    double squares = 0;
    for (int64_t j = 0; j < width; ++j) {
      vectors.push_back(random.normal());
      squares += vectors.back() * vectors.back();
    }
    const double length = std::sqrt(squares);
    for (auto value = vectors.end() - width; value != vectors.end(); ++value) *value /= length;
  }
  return vectors;
}

// out[i, j] = vector i · point j, [vectors, cloud.count()]
void project(const PointCloud& cloud, const std::vector<double>& vectors, std::vector<double>& out) {
  const int64_t width = cloud.width, count = cloud.count();
  const int64_t rows = static_cast<int64_t>(vectors.size()) / width;
  out.resize(static_cast<std::size_t>(rows * count));
  for_tiles((count + points_a_tile - 1) / points_a_tile, [&](int64_t tile) {
    const int64_t begin = tile * points_a_tile, points = std::min(points_a_tile, count - begin);
    const float* from = cloud.values.data() + begin * width;
    const std::vector<double> block(from, from + points * width);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(rows), static_cast<blasint>(points),
                static_cast<blasint>(width), 1.0, vectors.data(), static_cast<blasint>(width), block.data(),
                static_cast<blasint>(width), 0.0, out.data() + begin, static_cast<blasint>(count));
  });
}

// Row `row` of [rows, count].
std::span<double> row_of(std::vector<double>& values, int64_t row, int64_t count) {
  return std::span(values).subspan(static_cast<std::size_t>(row * count), static_cast<std::size_t>(count));
}

}  // namespace

double wasserstein_distance(std::span<const double> a, std::span<const double> b) {
  DUEL_CHECK(!a.empty() && !b.empty(), "a distance to no points");
  // In units of 1/(|a||b|), an element of a covers |b| of the quantiles and one of b covers |a|.
  const auto of_a = static_cast<int64_t>(b.size()), of_b = static_cast<int64_t>(a.size());
  int64_t left_of_a = of_a, left_of_b = of_b;
  double sum = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const int64_t common = std::min(left_of_a, left_of_b);
    sum += static_cast<double>(common) * std::abs(a[i] - b[j]);
    left_of_a -= common;
    left_of_b -= common;
    if (left_of_a == 0) {
      ++i;
      left_of_a = of_a;
    }
    if (left_of_b == 0) {
      ++j;
      left_of_b = of_b;
    }
  }
  return sum / static_cast<double>(of_a) / static_cast<double>(of_b);
}

double sliced_wasserstein_distance(const PointCloud& a, const PointCloud& b, int64_t directions, uint64_t key,
                                   int64_t memory) {
  DUEL_CHECK(a.width == b.width && a.width > 0 && directions > 0, "points of {} and {} on {} directions", a.width,
             b.width, directions);
  const int64_t at_once =
      std::clamp<int64_t>(memory / static_cast<int64_t>(sizeof(double)) / (a.count() + b.count()), 1, directions);
  std::vector<double> projected_a, projected_b;
  double sum = 0;
  for (int64_t begin = 0; begin < directions; begin += at_once) {
    const int64_t count = std::min(at_once, directions - begin);
    const std::vector<double> vectors = unit_vectors(begin, count, a.width, key);
    project(a, vectors, projected_a);
    project(b, vectors, projected_b);
    std::vector<double> distances(static_cast<std::size_t>(count));
    for_tiles(count, [&](int64_t i) {
      const std::span<double> of_a = row_of(projected_a, i, a.count()), of_b = row_of(projected_b, i, b.count());
      std::ranges::sort(of_a);
      std::ranges::sort(of_b);
      distances[static_cast<std::size_t>(i)] = wasserstein_distance(of_a, of_b);
    });
    for (const double distance : distances) sum += distance;
  }
  return sum / static_cast<double>(directions);
}

}  // namespace duel
