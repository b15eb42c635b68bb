#include "kernels/tile_layout.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "kernels/division.hpp"

namespace duel {
namespace {

// A tile is worth a task of the scheduler from about two microseconds on; more tiles than these many serve no machine.
constexpr int64_t least_tile_cost = 65536;
constexpr int64_t most_tiles = 128;
// Strips begin at a multiple of this many elements of dense operands where shapes allow: a cache line of float32.
constexpr int64_t strip_unit = 16;

constexpr auto index_of(int axis) { return static_cast<std::size_t>(axis); }

bool can_merge(const TileSpace& space, const TileProgram& program, std::size_t inner_axis) {
  if (space.reduced.back() != program.reduced[inner_axis]) return false;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    const int64_t stride = program.inputs[i].strides[inner_axis];
    if (space.strides[i].back() != stride * program.extents[inner_axis]) return false;
  }
  return true;
}

}  // namespace

int64_t TileSpace::elements() const {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

TileSpace collapse(const TileProgram& program) {
  TileSpace space;
  space.strides.resize(program.inputs.size());
  for (std::size_t axis = 0; axis < program.extents.size(); ++axis) {
    if (program.extents[axis] == 1) continue;
    if (!space.extents.empty() && can_merge(space, program, axis)) {
      space.extents.back() *= program.extents[axis];
      for (std::size_t i = 0; i < space.strides.size(); ++i) {
        space.strides[i].back() = program.inputs[i].strides[axis];
      }
      continue;
    }
    space.extents.push_back(program.extents[axis]);
    space.reduced.push_back(program.reduced[axis]);
    for (std::size_t i = 0; i < space.strides.size(); ++i) {
      space.strides[i].push_back(program.inputs[i].strides[axis]);
    }
  }
  if (space.extents.empty()) {
    space.extents.push_back(1);
    space.reduced.push_back(false);
    for (auto& strides : space.strides) strides.push_back(0);
  }
  return space;
}

TileLayout::TileLayout(TileSpace space, bool folds, int64_t strip_elements, int64_t cost_of_element)
    : space_(std::move(space)) {
  DUEL_CHECK(space_.extents.size() <= Shape::max_rank, "a space of {} axes", space_.extents.size());
  DUEL_CHECK(space_.elements() > 0, "an empty space has no strips");
  int64_t dense = 1;
  for (std::size_t axis = space_.extents.size(); axis-- > 0;) {
    dense_strides_[axis] = dense;
    dense *= space_.extents[axis];
    if (space_.reduced[axis]) continue;
    kept_strides_[axis] = kept_elements_;
    kept_elements_ *= space_.extents[axis];
  }
  choose_strips(folds, strip_elements);
  choose_tiles(folds, cost_of_element);
}

void TileLayout::choose_strips(bool folds, int64_t strip_elements) {
  const auto& extents = space_.extents;
  split_ = static_cast<int>(extents.size()) - 1;
  while (split_ > 0 && inner_ * extents[index_of(split_)] <= strip_elements &&
         (!folds || space_.reduced[index_of(split_)] == space_.reduced.back())) {
    inner_ *= extents[index_of(split_)];
    --split_;
  }
  const int64_t extent = extents[index_of(split_)];
  const int64_t unit = strip_unit / std::gcd(strip_unit, inner_);
  int64_t most = std::max<int64_t>(1, strip_elements / inner_);
  if (most >= unit) most = most / unit * unit;
  rows_ = divide_up(extent, divide_up(extent, most));
  if (most >= unit) rows_ = divide_up(rows_, unit) * unit;
  rows_ = std::min(rows_, extent);
  for (int axis = 0; axis < split_; ++axis) grid_[index_of(axis)] = extents[index_of(axis)];
  grid_[index_of(split_)] = divide_up(extent, rows_);
}

// Kept axes are cut first, from outside; reduced axes only where those give too few tiles, for that needs a second
// phase.
void TileLayout::choose_tiles(bool folds, int64_t cost_of_element) {
  cuts_.fill(1);
  int64_t wanted = std::clamp<int64_t>(space_.elements() * cost_of_element / least_tile_cost, 1, most_tiles);
  const auto cut_axes = [&](bool reduced) {
    int64_t made = 1;
    for (int axis = 0; axis <= split_ && wanted > 1; ++axis) {
      if (folds && space_.reduced[index_of(axis)] != reduced) continue;
      int64_t& cuts = cuts_[index_of(axis)];
      cuts = std::min(grid_[index_of(axis)], wanted);
      wanted /= cuts;
      made *= cuts;
    }
    return made;
  };
  const int64_t of_kept = cut_axes(false);
  if (folds) pieces_ = cut_axes(true);
  tiles_ = of_kept * pieces_;
}

FoldShape TileLayout::fold_shape() const {
  const bool inside = space_.reduced.back();
  const bool mixed = space_.reduced[index_of(split_)] != inside;
  if (mixed) return inside ? FoldShape::fold_columns : FoldShape::fold_rows;
  return inside ? FoldShape::fold_all : FoldShape::fold_rows;
}

// Tiles are numbered with the reduced axes innermost, so that tile % pieces is the piece.
void TileLayout::bounds(int64_t tile, Indices& low, Indices& high) const {
  for (const bool reduced : {true, false}) {
    for (int axis = split_; axis >= 0; --axis) {
      if (space_.reduced[index_of(axis)] != reduced) continue;
      const int64_t cuts = cuts_[index_of(axis)];
      const int64_t part = tile % cuts;
      tile /= cuts;
      low[index_of(axis)] = grid_[index_of(axis)] * part / cuts;
      high[index_of(axis)] = grid_[index_of(axis)] * (part + 1) / cuts;
    }
  }
}

void TileLayout::locate(const Indices& at, const Indices& low, Strip& strip) const {
  strip.dense = 0;
  strip.kept = 0;
  strip.first = true;
  for (int axis = 0; axis <= split_; ++axis) {
    const auto i = index_of(axis);
    strip.index[i] = axis == split_ ? at[i] * rows_ : at[i];
    strip.dense += strip.index[i] * dense_strides_[i];
    strip.kept += strip.index[i] * kept_strides_[i];
    if (space_.reduced[i] && at[i] != low[i]) strip.first = false;
  }
  strip.rows = std::min(rows_, space_.extents[index_of(split_)] - strip.index[index_of(split_)]);
}

}  // namespace duel
