#include "plugins/metrics/frechet.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xadapt.hpp>

#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

constexpr auto by_columns = xt::layout_type::column_major;
using ColumnMatrix = xt::xtensor<double, 2, by_columns>;

ColumnMatrix matrix_of(const std::vector<double>& values, int64_t rows, int64_t columns) {
  ColumnMatrix matrix = ColumnMatrix::from_shape({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
  std::copy(values.begin(), values.end(), matrix.storage().begin());
  return matrix;
}

// Infinity where an element is not finite, which LAPACK would not survive.
double nuclear_norm(const ColumnMatrix& matrix) {
  for (const double value : matrix.storage()) {
    if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
  }
  const auto singular = std::get<1>(xt::linalg::svd(matrix, false, false));
  double sum = 0;
  for (const double value : singular) sum += value;
  return sum;
}

// L₁ᵀ L₂
ColumnMatrix product_of_factors(const Gaussian& a, const Gaussian& b) {
  constexpr int64_t columns_a_tile = 128;
  const int64_t rows = a.rank(), columns = b.rank();
  ColumnMatrix product = ColumnMatrix::from_shape({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
  const auto width = static_cast<int>(a.width());
  for_tiles((columns + columns_a_tile - 1) / columns_a_tile, [&](int64_t tile) {
    const int64_t begin = tile * columns_a_tile, size = std::min(columns_a_tile, columns - begin);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, static_cast<int>(rows), static_cast<int>(size), width, 1.0,
                a.factor().data(), width, b.factor().data() + begin * a.width(), width, 0.0,
                product.data() + begin * rows, static_cast<int>(rows));
  });
  return product;
}

}  // namespace

std::string rank_warning(bool of_reals, bool of_fakes) {
  DUEL_CHECK(of_reals || of_fakes, "a warning of nothing");
  const bool both = of_reals && of_fakes;
  return fmt::format(
      "the covariance{} of the {} {} no full rank: there are few samples for so many features, or features depend on "
      "others",
      both ? "s" : "", both ? "reals and of the fakes" : (of_reals ? "reals" : "fakes"), both ? "have" : "has");
}

Gaussian::Gaussian(const FeatureStatistics& statistics) : mean_(statistics.mean) {
  constexpr double no_covariance = -1e-3;  // of the largest eigenvalue; rounding to float32 leaves far less below 0
  const int64_t d = statistics.width();
  for (int64_t i = 0; i < d; ++i) trace_ += statistics.covariance[static_cast<std::size_t>(i * d + i)];
  if (!std::ranges::all_of(statistics.covariance, [](double value) { return std::isfinite(value); })) {
    fail_data(statistics.place, "its covariance is beyond the range of numbers: some features are too large",
              "scale the features of both sides");
  }
  // The matrix is symmetric: its rows are its columns.
  const auto [eigenvalues, vectors] = xt::linalg::eigh(matrix_of(statistics.covariance, d, d));
  const double largest = eigenvalues(static_cast<std::size_t>(d - 1)), least = eigenvalues(0);
  if (least < no_covariance * std::max(largest, 0.0)) {
    fail_data(statistics.place, fmt::format("its covariance has an eigenvalue of {:.3g}", least),
              "compute the statistics again");
  }
  const double threshold = static_cast<double>(d) * std::numeric_limits<double>::epsilon() * largest;
  factor_.reserve(static_cast<std::size_t>(d * d));
  for (std::size_t column = 0; column < static_cast<std::size_t>(d); ++column) {
    if (!(eigenvalues(column) > 0) || eigenvalues(column) < threshold) continue;
    const double scale = std::sqrt(eigenvalues(column));
    const double* vector = vectors.data() + static_cast<int64_t>(column) * d;
    std::transform(vector, vector + d, std::back_inserter(factor_), [=](double value) { return value * scale; });
    ++rank_;
  }
}

double frechet_distance(const Gaussian& a, const Gaussian& b) {
  DUEL_CHECK(a.width() == b.width(), "widths {} and {}", a.width(), b.width());
  double distance = a.trace() + b.trace();
  for (std::size_t i = 0; i < a.mean().size(); ++i) {
    const double apart = a.mean()[i] - b.mean()[i];
    distance += apart * apart;
  }
  if (a.rank() > 0 && b.rank() > 0) {
    distance -= 2 * nuclear_norm(product_of_factors(a, b));
  }
  return distance < 0 ? 0 : distance;  // NaN stays
}

}  // namespace duel
