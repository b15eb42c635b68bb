// Elements that change place: a move is a copy between two strided layouts. Where both are dense along an axis it
// copies runs; where one of them is dense along another axis than the other it is a transposition, done in blocks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "base/error.hpp"
#include "kernels/division.hpp"
#include "kernels/makers.hpp"

namespace duel {
namespace {

constexpr int64_t tile_elements = 32768;
constexpr int64_t block = 16;  // transposed at once: a cache line of float32 each way

constexpr auto index_of(int64_t axis) { return static_cast<std::size_t>(axis); }

template <class T>
void transpose_block(T* to, const T* from, int64_t rows, int64_t columns, int64_t to_stride, int64_t from_stride) {
  if (rows == block && columns == block) {
    T held[block][block];
    for (int64_t c = 0; c < block; ++c) {
      for (int64_t r = 0; r < block; ++r) held[r][c] = from[c * from_stride + r];
    }
    for (int64_t r = 0; r < block; ++r) std::memcpy(to + r * to_stride, held[r], sizeof held[r]);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) to[r * to_stride + c] = from[c * from_stride + r];
  }
}

// A move whose axes are merged and put in the order of the output, with its tiles: some indices of the outer axes
// each, or some rows where the last two axes alone are large.
struct Route {
  Move move;
  int64_t outer = 1;  // product of all extents but the last two
  int64_t rows = 1;   // the last axis but one
  int64_t columns = 1;
  int64_t row_from = 0;  // strides of those
  int64_t row_to = 0;
  int64_t column_from = 1;
  int64_t column_to = 1;
  int64_t row_tiles = 1;
  int64_t outer_of_tile = 1;
  int64_t tiles = 0;
  int64_t elements() const { return outer * rows * columns; }
};

// Sorts by output stride, drops extents of 1, merges neighbours that lie alike on both sides.
Move simplified(const Move& move) {
  std::vector<std::size_t> order(move.extents.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](std::size_t axis) { return move.extents[axis] == 1; });
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t axis) { return move.to_strides[axis]; });
  Move out{move.input, {}, {}, {}, move.from, move.to};
  for (const std::size_t axis : order) {
    const int64_t extent = move.extents[axis];
    const int64_t from = move.from_strides[axis];
    const int64_t to = move.to_strides[axis];
    if (!out.extents.empty() && out.from_strides.back() == from * extent && out.to_strides.back() == to * extent) {
      out.extents.back() *= extent;
      out.from_strides.back() = from;
      out.to_strides.back() = to;
    } else {
      out.extents.push_back(extent);
      out.from_strides.push_back(from);
      out.to_strides.push_back(to);
    }
  }
  return out;
}

// The axis that is dense in the input goes last but one, so that blocks of it and of the output's dense axis are
// transposed together.
void bring_input_run_inwards(Move& move) {
  const std::size_t rank = move.extents.size();
  if (rank < 3 || move.from_strides[rank - 1] == 1) return;
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) {
    if (move.from_strides[axis] != 1) continue;
    for (auto* values : {&move.extents, &move.from_strides, &move.to_strides}) {
      std::rotate(values->begin() + static_cast<long>(axis), values->begin() + static_cast<long>(axis) + 1,
                  values->end() - 1);
    }
    return;
  }
}

Route route_of(Move move) {
  Route route;
  const std::size_t rank = move.extents.size();
  DUEL_CHECK(rank <= Shape::max_rank, "a move over {} axes", rank);
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) route.outer *= move.extents[axis];
  if (rank > 0) {
    route.columns = move.extents[rank - 1];
    route.column_from = move.from_strides[rank - 1];
    route.column_to = move.to_strides[rank - 1];
  }
  if (rank > 1) {
    route.rows = move.extents[rank - 2];
    route.row_from = move.from_strides[rank - 2];
    route.row_to = move.to_strides[rank - 2];
  }
  route.move = std::move(move);
  if (route.elements() == 0) return route;
  const int64_t plane = route.rows * route.columns;
  route.row_tiles = std::clamp<int64_t>(plane / tile_elements, 1, divide_up(route.rows, block));
  route.outer_of_tile = std::max<int64_t>(1, tile_elements / plane);
  route.tiles = divide_up(route.outer, route.outer_of_tile) * route.row_tiles;
  return route;
}

// A single long run becomes rows and a rest, so that it has tiles.
std::vector<Move> cut_long_run(Move move) {
  constexpr int64_t row = tile_elements / block;
  const bool run = move.extents.size() == 1 && move.from_strides[0] == move.to_strides[0];
  if (!run || move.extents[0] < 2 * row) return {std::move(move)};
  const int64_t stride = move.from_strides[0];
  const int64_t rows = move.extents[0] / row;
  const int64_t done = rows * row;
  Move rest{move.input, {move.extents[0] - done},  {stride},
            {stride},   move.from + done * stride, move.to + done * stride};
  return {{move.input, {rows, row}, {row * stride, stride}, {row * stride, stride}, move.from, move.to},
          std::move(rest)};
}

template <class T>
void move_rows(const Route& route, T* to, const T* from, int64_t row, int64_t end_row) {
  if (route.column_from == 1 && route.column_to == 1) {
    for (; row < end_row; ++row) {
      std::memcpy(to + row * route.row_to, from + row * route.row_from,
                  static_cast<std::size_t>(route.columns) * sizeof(T));
    }
    return;
  }
  if (route.row_from == 1 && route.column_to == 1) {
    for (; row < end_row; row += block) {
      const int64_t rows = std::min(block, end_row - row);
      for (int64_t column = 0; column < route.columns; column += block) {
        transpose_block(to + row * route.row_to + column, from + row + column * route.column_from, rows,
                        std::min(block, route.columns - column), route.row_to, route.column_from);
      }
    }
    return;
  }
  for (; row < end_row; ++row) {
    T* out = to + row * route.row_to;
    const T* in = from + row * route.row_from;
    for (int64_t k = 0; k < route.columns; ++k) out[k * route.column_to] = in[k * route.column_from];
  }
}

template <class T>
class MoveKernel final : public Kernel {
 public:
  MoveKernel(std::string name, const std::vector<Move>& moves) : name_(std::move(name)) {
    first_tile_.push_back(0);
    for (const Move& move : moves) {
      for (Move& part : cut_long_run(simplified(move))) {
        bring_input_run_inwards(part);
        routes_.push_back(route_of(std::move(part)));
        first_tile_.push_back(first_tile_.back() + routes_.back().tiles);
      }
    }
  }

  std::string describe() const override {
    int64_t elements = 0;
    for (const Route& route : routes_) elements += route.elements();
    return fmt::format("{} of {} elements, {} tiles", name_, elements, tiles(0));
  }
  int64_t tiles(int) const override { return first_tile_.back(); }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const auto after = std::ranges::upper_bound(first_tile_, tile);
    const auto which = static_cast<std::size_t>(after - first_tile_.begin()) - 1;
    const Route& route = routes_[which];
    tile -= first_tile_[which];
    const T* from = reinterpret_cast<const T*>(arguments.inputs[route.move.input]) + route.move.from;
    T* to = reinterpret_cast<T*>(arguments.outputs[0]) + route.move.to;
    // Whole blocks of rows, so that transpositions stay in step.
    const int64_t blocks = divide_up(route.rows, block);
    const int64_t row_tile = tile % route.row_tiles;
    const int64_t row = blocks * row_tile / route.row_tiles * block;
    const int64_t end_row = std::min(route.rows, blocks * (row_tile + 1) / route.row_tiles * block);
    const int64_t first = tile / route.row_tiles * route.outer_of_tile;
    const int64_t end = std::min(route.outer, first + route.outer_of_tile);
    for (int64_t outer = first; outer < end; ++outer) {
      const auto [from_offset, to_offset] = offsets(route.move, outer);
      move_rows(route, to + to_offset, from + from_offset, row, end_row);
    }
  }

 private:
  static std::pair<int64_t, int64_t> offsets(const Move& move, int64_t outer) {
    std::pair<int64_t, int64_t> at{0, 0};
    for (auto axis = static_cast<int64_t>(move.extents.size()) - 3; axis >= 0; --axis) {
      const int64_t index = outer % move.extents[index_of(axis)];
      outer /= move.extents[index_of(axis)];
      at.first += index * move.from_strides[index_of(axis)];
      at.second += index * move.to_strides[index_of(axis)];
    }
    return at;
  }

  std::string name_;
  std::vector<Route> routes_;
  std::vector<int64_t> first_tile_;
};

// Row by row of the innermost padded axis: zeros, the input's run, zeros. A row outside of the input is all zeros.
template <class T>
class PadKernel final : public Kernel {
 public:
  PadKernel(const Shape& input, std::span<const int64_t> before, std::span<const int64_t> after) {
    for (int axis = 0; axis < input.rank(); ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      axes_.push_back({input[axis], before[i], after[i]});
      // An axis without padding is part of the one before it.
      if (axes_.size() > 1 && before[i] == 0 && after[i] == 0) {
        axes_.pop_back();
        Axis& outer = axes_.back();
        outer = {outer.extent * input[axis], outer.before * input[axis], outer.after * input[axis]};
      }
    }
    if (axes_.empty()) axes_.push_back({1, 0, 0});
    run_ = axes_.back();
    axes_.pop_back();
    for (const Axis& axis : axes_) rows_ *= axis.padded();
    tile_rows_ = std::max<int64_t>(1, tile_elements / std::max<int64_t>(1, run_.padded()));
  }

  std::string describe() const override {
    return fmt::format("pad to {} rows of {}, {} tiles", rows_, run_.padded(), tiles(0));
  }
  int64_t tiles(int) const override { return run_.padded() == 0 ? 0 : divide_up(rows_, tile_rows_); }
  void run(int, int64_t tile, const KernelArguments& arguments) const override {
    const T* in = reinterpret_cast<const T*>(arguments.inputs[0]);
    T* out = reinterpret_cast<T*>(arguments.outputs[0]);
    const int64_t end = std::min(rows_, (tile + 1) * tile_rows_);
    for (int64_t row = tile * tile_rows_; row < end; ++row) {
      T* to = out + row * run_.padded();
      const int64_t from = input_row(row);
      if (from < 0) {
        std::fill_n(to, run_.padded(), T(0));
        continue;
      }
      std::fill_n(to, run_.before, T(0));
      std::copy_n(in + from * run_.extent, run_.extent, to + run_.before);
      std::fill_n(to + run_.before + run_.extent, run_.after, T(0));
    }
  }

 private:
  struct Axis {
    int64_t extent;
    int64_t before;
    int64_t after;
    int64_t padded() const { return before + extent + after; }
  };

  // The input's row for a row of the output; -1: none.
  int64_t input_row(int64_t row) const {
    int64_t from = 0;
    int64_t stride = 1;
    for (std::size_t i = axes_.size(); i-- > 0;) {
      const Axis& axis = axes_[i];
      const int64_t index = row % axis.padded() - axis.before;
      row /= axis.padded();
      if (index < 0 || index >= axis.extent) return -1;
      from += index * stride;
      stride *= axis.extent;
    }
    return from;
  }

  std::vector<Axis> axes_;
  Axis run_{};
  int64_t rows_ = 1;
  int64_t tile_rows_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_move_kernel(DType dtype, std::string name, std::vector<Move> moves) {
  if (dtype == DType::float32) return std::make_unique<MoveKernel<float>>(std::move(name), moves);
  return std::make_unique<MoveKernel<double>>(std::move(name), moves);
}

std::unique_ptr<Kernel> make_pad_kernel(DType dtype, const Shape& input, std::span<const int64_t> before,
                                        std::span<const int64_t> after) {
  if (dtype == DType::float32) return std::make_unique<PadKernel<float>>(input, before, after);
  return std::make_unique<PadKernel<double>>(input, before, after);
}

}  // namespace duel
