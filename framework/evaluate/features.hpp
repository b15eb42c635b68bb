// Rows of features: one example a row. Images are rows that know their height, width and channels.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/arrays.hpp"

namespace duel {

// What made the features of one side: part of the protocol. Empty texts mean "not known".
struct FeatureOrigin {
  std::string name;  // "values", "pixels"
  std::string hash;  // SHA-256 of the weights that made them
  std::string preprocessing;
  std::string split;
};

// Finite numbers [count, width], row-major, kept in the type in which they came. `shape` is that of one example: its
// elements are the row. Immutable; thread-safe. Copies and selections share the elements.
class FeatureMatrix {
 public:
  // Takes the elements in `bytes` from `offset` on; what follows the last is ignored. `place` names them in messages.
  // Throws UserError(ExitCode::data) for no rows or columns, and for NaN and infinity, naming row and column.
  FeatureMatrix(int64_t count, const Shape& shape, ElementType type, Bytes bytes, std::size_t offset, std::string place,
                FeatureOrigin origin);
  static FeatureMatrix of(std::span<const double> values, const Shape& shape, std::string place = "features",
                          FeatureOrigin origin = {});
  static FeatureMatrix of(std::span<const double> values, int64_t width, std::string place = "features",
                          FeatureOrigin origin = {}) {
    return of(values, Shape{width}, std::move(place), std::move(origin));
  }

  int64_t count() const { return count_; }
  int64_t width() const { return width_; }
  ElementType type() const { return type_; }
  const Shape& shape() const { return shape_; }  // of one example: [width], or height, width, channels
  bool holds_images() const { return shape_.rank() == 3; }
  const std::string& place() const { return place_; }
  const FeatureOrigin& origin() const { return origin_; }

  // Writes columns [column, column + columns) of row `row` to out.
  void copy_row(int64_t row, int64_t column, int64_t columns, double* out) const;
  void copy_row(int64_t row, double* out) const { copy_row(row, 0, width_, out); }
  // The class of each row, or nothing where classes are not known. Throws UserError(ExitCode::data) for another number
  // of labels than of rows, and for a negative one.
  const std::vector<int64_t>& labels() const { return labels_; }
  FeatureMatrix with_labels(std::vector<int64_t> labels) &&;
  // The named rows, in that order, with their labels; at least one.
  FeatureMatrix select(std::span<const int64_t> rows) const;
  // Throws UserError(ExitCode::data) for fewer rows than `needed`, which `purpose` needs.
  void require_rows(int64_t needed, const std::string& purpose) const;
  // SHA-256 of type, shape, elements and labels.
  std::string content_hash() const;

 private:
  void check_finite() const;
  const std::byte* row_bytes(int64_t row) const;

  int64_t count_;
  Shape shape_;
  int64_t width_;
  ElementType type_;
  std::shared_ptr<const Bytes> bytes_;
  std::size_t offset_;
  std::vector<int64_t> rows_;  // of the elements that are the rows of this; empty: all, in their order
  std::string place_;
  FeatureOrigin origin_;
  std::vector<int64_t> labels_;
};

}  // namespace duel
