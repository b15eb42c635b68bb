#include "evaluate/features.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "data/errors.hpp"

namespace duel {

FeatureMatrix::FeatureMatrix(int64_t count, const Shape& shape, ElementType type, Bytes bytes, std::size_t offset,
                             std::string place, FeatureOrigin origin)
    : count_(count),
      shape_(shape),
      width_(shape.elements()),
      type_(type),
      bytes_(std::make_shared<const Bytes>(std::move(bytes))),
      offset_(offset),
      place_(std::move(place)),
      origin_(std::move(origin)) {
  if (count_ < 1 || width_ < 1) fail_data(place_, fmt::format("is empty: {} rows of {} numbers", count_, width_));
  DUEL_CHECK(bytes_->size() >= offset_ + static_cast<std::size_t>(count_ * width_ * size_of(type_)),
             "{} × {} features in {} bytes", count_, width_, bytes_->size());
  check_finite();
}

FeatureMatrix FeatureMatrix::of(std::span<const double> values, const Shape& shape, std::string place,
                                FeatureOrigin origin) {
  const int64_t width = shape.elements();
  DUEL_CHECK(width > 0 && std::ssize(values) % width == 0, "{} values in rows of {}", values.size(), width);
  Bytes bytes(values.size_bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return {std::ssize(values) / width, shape, ElementType::f64, std::move(bytes), 0, std::move(place),
          std::move(origin)};
}

void FeatureMatrix::copy_row(int64_t row, int64_t column, int64_t columns, double* out) const {
  DUEL_CHECK(row >= 0 && row < count_ && column >= 0 && column + columns <= width_, "columns {} to {} of row {}",
             column, column + columns, row);
  convert_elements(type_, row_bytes(row) + column * size_of(type_), columns, out);
}

const std::byte* FeatureMatrix::row_bytes(int64_t row) const {
  const int64_t at = rows_.empty() ? row : rows_[static_cast<std::size_t>(row)];
  return bytes_->data() + offset_ + static_cast<std::size_t>(at * width_ * size_of(type_));
}

FeatureMatrix FeatureMatrix::select(std::span<const int64_t> rows) const {
  DUEL_CHECK(!rows.empty(), "no rows of {}", place_);
  FeatureMatrix out = *this;
  out.count_ = std::ssize(rows);
  out.rows_.clear();
  out.labels_.clear();
  for (const int64_t row : rows) {
    DUEL_CHECK(row >= 0 && row < count_, "row {} of {}", row, count_);
    out.rows_.push_back(rows_.empty() ? row : rows_[static_cast<std::size_t>(row)]);
    if (!labels_.empty()) out.labels_.push_back(labels_[static_cast<std::size_t>(row)]);
  }
  return out;
}

std::string FeatureMatrix::content_hash() const {
  Sha256 hash;
  hash.update(fmt::format("{} {} {}\n", static_cast<int>(type_), count_, to_string(shape_)));
  const auto size = static_cast<std::size_t>(width_ * size_of(type_));
  for (int64_t row = 0; row < count_; ++row) hash.update(std::span(row_bytes(row), size));
  hash.update(std::as_bytes(std::span(labels_)));
  return hash.hex();
}

FeatureMatrix FeatureMatrix::with_labels(std::vector<int64_t> labels) && {
  if (std::ssize(labels) != count_) fail_data(place_, fmt::format("{} labels for {} rows", labels.size(), count_));
  if (std::ranges::any_of(labels, [](int64_t label) { return label < 0; })) fail_data(place_, "has a negative label");
  labels_ = std::move(labels);
  return std::move(*this);
}

void FeatureMatrix::require_rows(int64_t needed, const std::string& purpose) const {
  if (count_ >= needed) return;
  fail_data(place_, fmt::format("has {} rows, and {} needs {} or more", count_, purpose, needed));
}

void FeatureMatrix::check_finite() const {
  if (type_ != ElementType::f32 && type_ != ElementType::f64) return;
  constexpr int64_t rows_a_tile = 1024;
  constexpr int64_t none = std::numeric_limits<int64_t>::max();
  const int64_t tiles = (count_ + rows_a_tile - 1) / rows_a_tile;
  std::vector<int64_t> first_bad(static_cast<std::size_t>(tiles), none);  // as row × width + column
  for_tiles(tiles, [&](int64_t tile) {
    std::vector<double> values(static_cast<std::size_t>(width_));
    for (int64_t row = tile * rows_a_tile; row < std::min(count_, (tile + 1) * rows_a_tile); ++row) {
      copy_row(row, values.data());
      const auto bad = std::ranges::find_if(values, [](double value) { return !std::isfinite(value); });
      if (bad == values.end()) continue;
      first_bad[static_cast<std::size_t>(tile)] = row * width_ + (bad - values.begin());
      return;
    }
  });
  const int64_t bad = *std::ranges::min_element(first_bad);
  if (bad == none) return;
  fail_data(place_,
            fmt::format("the feature in row {}, column {} (counted from 0) is not finite", bad / width_, bad % width_));
}

}  // namespace duel
