// How a tile program's iteration space is cut: into strips, which its instructions run over one after another in L1,
// and strips into tiles. By shape alone. For this room's sources and tests only.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/shape.hpp"
#include "kernels/folds.hpp"
#include "kernels/tile_program.hpp"

namespace duel {

// A program's space without extents of 1, neighbouring axes merged where all operands (and folds) treat them alike. At
// least one axis.
struct TileSpace {
  std::vector<int64_t> extents;
  std::vector<bool> reduced;
  std::vector<std::vector<int64_t>> strides;  // by input
  int64_t elements() const;
};
TileSpace collapse(const TileProgram& program);

// Where a strip begins.
struct Strip {
  std::array<int64_t, Shape::max_rank> index{};
  int64_t rows = 0;    // of the axis `split`
  int64_t dense = 0;   // elements before it in the whole space
  int64_t kept = 0;    // elements before it in a folded result
  bool first = false;  // the first of its tile to reach its part of a folded result
};

// A strip covers some rows of one axis, and all of the axes inside of that: at most strip_elements in a row of memory
// of a dense operand. Where the program folds, the axes inside are all kept or all reduced.
class TileLayout {
 public:
  TileLayout(TileSpace space, bool folds, int64_t strip_elements, int64_t cost_of_element);

  const TileSpace& space() const { return space_; }
  int split() const { return split_; }
  int64_t inner() const { return inner_; }  // elements of a row of the split axis
  int64_t rows() const { return rows_; }    // of a full strip
  int64_t strip_elements() const { return rows_ * inner_; }
  int64_t kept_elements() const { return kept_elements_; }
  FoldShape fold_shape() const;

  int64_t tiles() const { return tiles_; }
  // Into how many partial results the folds are cut: tile t contributes to number t % pieces().
  int64_t pieces() const { return pieces_; }

  // Calls body(const Strip&) for the strips of a tile in row-major order.
  template <class Body>
  void for_each_strip(int64_t tile, Body&& body) const {
    std::array<int64_t, Shape::max_rank> low{}, high{};
    bounds(tile, low, high);
    Strip strip;
    std::array<int64_t, Shape::max_rank> at = low;
    for (;;) {
      locate(at, low, strip);
      body(static_cast<const Strip&>(strip));
      int axis = split_;
      while (axis >= 0 && ++at[static_cast<std::size_t>(axis)] == high[static_cast<std::size_t>(axis)]) {
        at[static_cast<std::size_t>(axis)] = low[static_cast<std::size_t>(axis)];
        --axis;
      }
      if (axis < 0) return;
    }
  }

 private:
  using Indices = std::array<int64_t, Shape::max_rank>;

  void choose_strips(bool folds, int64_t strip_elements);
  void choose_tiles(bool folds, int64_t cost_of_element);
  void bounds(int64_t tile, Indices& low, Indices& high) const;
  void locate(const Indices& at, const Indices& low, Strip& strip) const;

  TileSpace space_;
  int split_ = 0;
  int64_t inner_ = 1;
  int64_t rows_ = 1;
  int64_t kept_elements_ = 1;
  Indices grid_{};  // strips along each axis up to `split`
  Indices cuts_{};  // tiles along each of them
  Indices dense_strides_{};
  Indices kept_strides_{};
  int64_t tiles_ = 1;
  int64_t pieces_ = 1;
};

}  // namespace duel
