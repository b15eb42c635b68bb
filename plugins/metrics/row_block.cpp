#include "plugins/metrics/row_block.hpp"

#include <cblas.h>

#include <algorithm>

#include "data/errors.hpp"

namespace duel {
namespace {

constexpr double largest_norm = 1e300;  // squared; sums of a few stay finite
constexpr double few_digits = 1e-6;     // of those of the norms, left in a distance

double squared_distance(const double* a, const double* b, int64_t width) {
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

RowBlocks::RowBlocks(int64_t count, int64_t width)
    : count_(count), rows_(std::clamp<int64_t>((int64_t{32} << 20) / (8 * width), 16, 256)) {}

RowRange RowBlocks::operator[](int64_t block) const {
  const int64_t begin = block * rows_;
  return {begin, std::min(rows_, count_ - begin)};
}

RowBlock::RowBlock(const FeatureMatrix& features, RowRange range, const std::function<int64_t(int64_t)>& index)
    : width_(features.width()), range_(range) {
  values_.resize(static_cast<std::size_t>(range.rows * width_));
  for (int64_t i = 0; i < range.rows; ++i) {
    double* row = values_.data() + i * width_;
    features.copy_row(index ? index(range.begin + i) : range.begin + i, row);
    double norm = 0;
    for (int64_t j = 0; j < width_; ++j) norm += row[j] * row[j];
    if (!(norm < largest_norm)) {
      fail_data(features.place(), "some features are too large for distances", "scale the features of both sides");
    }
    norms_.push_back(norm);
  }
}

void products(const RowBlock& a, const RowBlock& b, std::vector<double>& out) {
  DUEL_CHECK(a.width_ == b.width_, "rows of {} and of {}", a.width_, b.width_);
  out.resize(static_cast<std::size_t>(a.range_.rows * b.range_.rows));
  const auto rows = static_cast<blasint>(a.range_.rows), columns = static_cast<blasint>(b.range_.rows);
  const auto width = static_cast<blasint>(a.width_);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, width, 1.0, a.values_.data(), width,
              b.values_.data(), width, 0.0, out.data(), columns);
}

void squared_distances(const RowBlock& a, const RowBlock& b, std::vector<double>& out) {
  products(a, b, out);
  double* at = out.data();
  for (int64_t i = 0; i < a.range_.rows; ++i) {
    for (int64_t j = 0; j < b.range_.rows; ++j, ++at) {
      const double norms = a.norms_[static_cast<std::size_t>(i)] + b.norms_[static_cast<std::size_t>(j)];
      *at = norms - 2 * *at;
      if (*at < few_digits * norms) {
        *at = squared_distance(a.values_.data() + i * a.width_, b.values_.data() + j * a.width_, a.width_);
      }
    }
  }
}

double rounding_of(double distance, const RowBlock& a, int64_t i, const RowBlock& b, int64_t j) {
  constexpr double of_norms = 1e-13;  // the library adds products in an order that depends on their place
  const double norms = a.norms_[static_cast<std::size_t>(i)] + b.norms_[static_cast<std::size_t>(j)];
  return distance < few_digits * norms ? 0 : of_norms * norms;
}

}  // namespace duel
