// Some rows of a feature matrix as doubles, for products and distances of all pairs in bounded memory.
#pragma once

#include <functional>

#include "evaluate/features.hpp"

namespace duel {

// Rows [begin, begin + rows) of a list of rows.
struct RowRange {
  int64_t begin = 0;
  int64_t rows = 0;
};

// How rows of this width are cut: at most 256 a block and, with 16 at least, at most 32 MiB. By shapes alone.
class RowBlocks {
 public:
  RowBlocks(int64_t count, int64_t width);
  int64_t size() const { return (count_ + rows_ - 1) / rows_; }
  RowRange operator[](int64_t block) const;

 private:
  int64_t count_;
  int64_t rows_;
};

class RowBlock {
 public:
  // Row i of the list is row index(i) of the features; without an index, row i. Throws
  // UserError(ExitCode::data) for rows whose squared norm is beyond 10³⁰⁰.
  RowBlock(const FeatureMatrix& features, RowRange range, const std::function<int64_t(int64_t)>& index = {});

  const RowRange& range() const { return range_; }
  // out[i, j] = a_i · b_j, [a.rows, b.rows]
  friend void products(const RowBlock& a, const RowBlock& b, std::vector<double>& out);
  // out[i, j] = ‖a_i − b_j‖². Exactly 0 for equal rows. Where the difference of the norms and the product would leave
  // few digits, it is computed from the rows.
  friend void squared_distances(const RowBlock& a, const RowBlock& b, std::vector<double>& out);
  // By how much that distance of a_i and b_j may differ from the one of equal rows in other places of other blocks: 0
  // where it is computed from the rows.
  friend double rounding_of(double distance, const RowBlock& a, int64_t i, const RowBlock& b, int64_t j);

 private:
  int64_t width_;
  RowRange range_;
  std::vector<double> values_;
  std::vector<double> norms_;  // squared
};

void products(const RowBlock& a, const RowBlock& b, std::vector<double>& out);
void squared_distances(const RowBlock& a, const RowBlock& b, std::vector<double>& out);
double rounding_of(double distance, const RowBlock& a, int64_t i, const RowBlock& b, int64_t j);

}  // namespace duel
