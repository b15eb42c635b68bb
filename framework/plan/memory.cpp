#include "plan/memory.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "plan/index.hpp"

namespace duel {
namespace {

int64_t aligned(int64_t bytes) { return (bytes + Location::alignment - 1) / Location::alignment * Location::alignment; }

int64_t best_gap(const Piece& piece, std::vector<const Piece*> neighbours) {
  std::ranges::sort(neighbours, {}, &Piece::offset);
  const int64_t bytes = aligned(piece.bytes);
  int64_t best = -1;
  int64_t best_size = INT64_MAX;
  int64_t end = 0;  // of what is taken so far
  for (const Piece* other : neighbours) {
    const int64_t gap = other->offset - end;
    if (gap >= bytes && gap < best_size) {
      best = end;
      best_size = gap;
    }
    end = std::max(end, other->offset + aligned(other->bytes));
  }
  return best >= 0 ? best : end;
}

class Layout {
 public:
  Layout(Draft& draft, const std::vector<int>& launches)
      : draft_(draft), launches_(launches), piece_of_(draft.values.size(), -1) {}

  ArenaLayout run() {
    // In the order of launches, so that a chain of values in one place grows from its start.
    std::vector<int> steps(draft_.steps.size());
    std::iota(steps.begin(), steps.end(), 0);
    std::ranges::stable_sort(steps, {}, [&](int step) { return launches_[index(step)]; });
    for (const int step : steps) {
      for (const int output : draft_.step(step).outputs) place(step, output);
    }
    ArenaLayout layout;
    std::vector<int> workspace_pieces;
    for (std::size_t step = 0; step < draft_.steps.size(); ++step) {
      const int64_t bytes = draft_.steps[step].kernel->workspace_bytes();
      const int launch = launches_[step];
      workspace_pieces.push_back(bytes > 0 ? add({launch, launch, bytes, 0}) : -1);
    }
    layout.bytes = pack(pieces_);
    for (std::size_t i = 0; i < draft_.values.size(); ++i) {
      if (piece_of_[i] >= 0) draft_.values[i].home.offset = pieces_[index(piece_of_[i])].offset;
    }
    for (const int piece : workspace_pieces) {
      layout.workspace_offsets.push_back(piece < 0 ? 0 : pieces_[index(piece)].offset);
    }
    return layout;
  }

 private:
  int add(const Piece& piece) {
    pieces_.push_back(piece);
    return static_cast<int>(pieces_.size()) - 1;
  }

  bool in_arena(int value) const { return draft_.value(value).home.space == Location::Space::arena; }

  int last_use(int value) const {
    if (draft_.value(value).output) return *std::ranges::max_element(launches_);
    int last = launches_[index(draft_.value(value).producer)];
    for (const int reader : draft_.value(value).readers) last = std::max(last, launches_[index(reader)]);
    return last;
  }

  void place(int step, int output) {
    if (!in_arena(output)) return;
    const int launch = launches_[index(step)];
    const int64_t bytes = draft_.value(output).home.bytes;
    for (const int input : draft_.step(step).inputs) {
      if (!in_arena(input) || draft_.value(input).home.bytes != bytes || !dies_with(input, step)) continue;
      Piece& piece = pieces_[index(piece_of_[index(input)])];
      // Another result of this step may sit there already.
      if (piece.last != launch || piece_taken_by(step, piece_of_[index(input)])) continue;
      if (!draft_.can_overwrite(step, input, output)) continue;
      piece_of_[index(output)] = piece_of_[index(input)];
      piece.last = last_use(output);
      return;
    }
    piece_of_[index(output)] = add({launch, last_use(output), bytes, 0});
  }

  // Is the step the only one that reads the value at its launch or later?
  bool dies_with(int value, int step) const {
    if (draft_.value(value).output) return false;
    return std::ranges::all_of(draft_.value(value).readers, [&](int reader) {
      return reader == step || launches_[index(reader)] < launches_[index(step)];
    });
  }

  bool piece_taken_by(int step, int piece) const {
    return std::ranges::any_of(draft_.step(step).outputs,
                               [&](int output) { return piece_of_[index(output)] == piece; });
  }

  Draft& draft_;
  const std::vector<int>& launches_;
  std::vector<Piece> pieces_;
  std::vector<int> piece_of_;  // by value
};

}  // namespace

int64_t pack(std::vector<Piece>& pieces) {
  std::vector<std::size_t> largest_first(pieces.size());
  std::iota(largest_first.begin(), largest_first.end(), 0);
  std::ranges::stable_sort(largest_first,
                           [&](std::size_t a, std::size_t b) { return pieces[a].bytes > pieces[b].bytes; });
  std::vector<const Piece*> placed;
  int64_t total = 0;
  for (const std::size_t i : largest_first) {
    Piece& piece = pieces[i];
    std::vector<const Piece*> neighbours;
    for (const Piece* other : placed) {
      if (other->first <= piece.last && piece.first <= other->last) neighbours.push_back(other);
    }
    piece.offset = best_gap(piece, std::move(neighbours));
    total = std::max(total, piece.offset + aligned(piece.bytes));
    placed.push_back(&piece);
  }
  return total;
}

ArenaLayout lay_out_arena(Draft& draft, const std::vector<int>& launches) { return Layout(draft, launches).run(); }

}  // namespace duel
