#include "plugins/metrics/point_cloud.hpp"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <boost/sort/spreadsort/float_sort.hpp>
#include <cmath>
#include <memory>

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

// Writes vector i · point j to out[i, j], [vectors, cloud.count].
void project(const PointCloud& cloud, const std::vector<double>& vectors, double* out) {
  const int64_t rows = static_cast<int64_t>(vectors.size()) / cloud.width;
  for_tiles((cloud.count + points_a_tile - 1) / points_a_tile, [&](int64_t tile) {
    const int64_t begin = tile * points_a_tile, points = std::min(points_a_tile, cloud.count - begin);
    const auto block = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(points * cloud.width));
    cloud.copy(begin, points, block.get());
    const auto width = static_cast<blasint>(cloud.width);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<blasint>(rows), static_cast<blasint>(points),
                width, 1.0, vectors.data(), width, block.get(), width, 0.0, out + begin,
                static_cast<blasint>(cloud.count));
  });
}

// The mean of |a_i − b_i|, summed in lanes, which the compiler makes a vector, and these in their order.
double mean_distance(std::span<const double> a, std::span<const double> b) {
  constexpr std::size_t lanes = 16;
  std::array<double, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += std::abs(a[i + lane] - b[i + lane]);
  }
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane) sums[lane] += std::abs(a[i] - b[i]);
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum / static_cast<double>(a.size());
}

// The distances along some directions. Room for the projections of both clouds is kept from some directions to the
// next: memory that is fresh from the system costs time.
class Projections {
 public:
  Projections(const PointCloud& a, const PointCloud& b, int64_t directions, int64_t memory) : a_(a), b_(b) {
    const int64_t number_bytes = sizeof(double);
    at_once_ = std::clamp<int64_t>(memory / number_bytes / (a.count + b.count), 1, directions);
    projected_a_ = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(at_once_ * a.count));
    projected_b_ = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(at_once_ * b.count));
  }

  int64_t at_once() const { return at_once_; }

  // Along each of the vectors, at most at_once().
  std::vector<double> distances(const std::vector<double>& vectors) {
    const int64_t count = static_cast<int64_t>(vectors.size()) / a_.width;
    project(a_, vectors, projected_a_.get());
    project(b_, vectors, projected_b_.get());
    std::vector<double> out(static_cast<std::size_t>(count));
    for_tiles(count, [&](int64_t i) {
      out[static_cast<std::size_t>(i)] =
          wasserstein_distance(sorted(projected_a_.get(), i, a_.count), sorted(projected_b_.get(), i, b_.count));
    });
    return out;
  }

 private:
  // Row `row` of [rows, count].
  static std::span<const double> sorted(double* values, int64_t row, int64_t count) {
    const std::span<double> out(values + row * count, static_cast<std::size_t>(count));
    boost::sort::spreadsort::float_sort(out.begin(), out.end());
    return out;
  }

  const PointCloud &a_, &b_;
  int64_t at_once_;
  std::unique_ptr<double[]> projected_a_, projected_b_;
};

}  // namespace

double wasserstein_distance(std::span<const double> a, std::span<const double> b) {
  DUEL_CHECK(!a.empty() && !b.empty(), "a distance to no points");
  if (a.size() == b.size()) return mean_distance(a, b);
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
  Projections projections(a, b, directions, memory);
  double sum = 0;
  for (int64_t begin = 0; begin < directions; begin += projections.at_once()) {
    const int64_t count = std::min(projections.at_once(), directions - begin);
    for (const double distance : projections.distances(unit_vectors(begin, count, a.width, key))) sum += distance;
  }
  return sum / static_cast<double>(directions);
}

}  // namespace duel
