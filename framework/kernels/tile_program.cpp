#include "kernels/tile_program.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "base/error.hpp"
#include "kernels/division.hpp"
#include "kernels/folds.hpp"
#include "kernels/instructions.hpp"
#include "kernels/lowering.hpp"
#include "kernels/strip_fill.hpp"
#include "kernels/tile_layout.hpp"

namespace duel {
namespace {

// Registers and the memory that strips are read from and written to, together, shall lie in L1 (32 KiB and more). What
// is written in place counts twice here, so this may be a little above.
constexpr int64_t l1_budget = 36 * 1024;
constexpr int64_t most_strip_elements = 1024;
constexpr int64_t least_strip_elements = 128;
constexpr int64_t scratch_bytes = 160 * 1024;  // on the stack of a worker; programs use what they need of it

// ── the kernel ─────────────────────────────────────────────────────────────────────────────────────────────────────

template <class T>
class TileKernel final : public Kernel {
 public:
  explicit TileKernel(TileProgram program);

  std::string describe() const override;
  int phases() const override { return combines() ? 2 : 1; }
  int64_t tiles(int phase) const override;
  void run(int phase, int64_t tile, const KernelArguments& arguments) const override;
  int64_t workspace_bytes() const override;
  bool can_overwrite(int input, int output) const override;
  double flops() const override;

 private:
  using Fold = TileProgram::Fold;

  // An instruction over slots, or, with `fold`, the fold of one slot into a result.
  struct Step {
    InstructionFunction<T> function = nullptr;
    FoldFunction<T> fold = nullptr;
    std::array<int32_t, most_sources> sources{};
    int arity = 1;
    int32_t target = 0;  // slot; the result that a fold goes into
  };
  enum class Load : uint8_t { direct, repeated, repeated_by_strip, filled };
  // An input as the instructions find it in its slot.
  struct InputSlot {
    Load load = Load::direct;
    int32_t buffer = -1;  // index of a register (filled) or of a batch (repeated)
    StripPattern pattern;
  };

  struct Running;

  void build(int64_t strip_elements);
  void choose_loads();
  void allocate(const std::vector<Operation<T>>& operations);
  void keep_constants();
  int64_t footprint() const;
  bool combines() const { return layout_ && layout_->pieces() > 1; }
  int64_t partials_of(std::size_t result) const;
  void combine(int64_t tile, const KernelArguments& arguments) const;
  void fill_neutral(const KernelArguments& arguments) const;
  void prepare(Running& running) const;
  void enter(Running& running, const Strip& strip) const;

  // Slots: inputs, constants, unfolded results, registers.
  int32_t constant_slot(std::size_t i) const { return static_cast<int32_t>(program_.inputs.size() + i); }
  int32_t result_slot(std::size_t i) const { return constant_slot(program_.constants.size() + i); }
  int32_t register_slot(std::size_t i) const { return result_slot(results_.size() + i); }

  TileProgram program_;
  std::vector<TileProgram::Result> results_;
  TileSpace space_;
  std::optional<TileLayout> layout_;  // none: the space is empty
  std::vector<InputSlot> inputs_;
  std::vector<Step> steps_;
  std::vector<int32_t> last_read_;  // step, by input
  std::vector<int32_t> written_;    // step, by result
  std::vector<T> constants_;        // a batch each
  int64_t registers_ = 0;           // of strip_elements each, the filled inputs' first
  int64_t batches_ = 0;             // repeated inputs
  int64_t folds_ = 0;
};

template <class T>
TileKernel<T>::TileKernel(TileProgram program) : program_(std::move(program)), results_(program_.results) {
  const std::size_t rank = program_.extents.size();
  DUEL_CHECK(program_.reduced.size() == rank, "{} flags for {} extents", program_.reduced.size(), rank);
  DUEL_CHECK(!results_.empty(), "a tile program without results");
  for (const auto& input : program_.inputs) {
    DUEL_CHECK(input.strides.size() == rank, "{} strides for {} extents", input.strides.size(), rank);
  }
  auto known = static_cast<int32_t>(program_.inputs.size() + program_.constants.size());
  for (const auto& instruction : program_.instructions) {
    for (int k = 0; k < op_of(instruction.op).arity; ++k) {
      DUEL_CHECK(instruction.arguments[k] >= 0 && instruction.arguments[k] < known,
                 "instruction {} reads value {}, of {} known", op_of(instruction.op).name, instruction.arguments[k],
                 known);
    }
    ++known;
  }
  for (const auto& result : results_) {
    DUEL_CHECK(result.value >= 0 && result.value < known, "result {} of {} values", result.value, known);
    if (result.fold != Fold::none) ++folds_;
  }
  if (folds_ == 0) program_.reduced.assign(rank, false);
  space_ = collapse(program_);
  if (space_.elements() == 0) return;
  for (int64_t strip = most_strip_elements; strip >= least_strip_elements; strip /= 2) {
    build(strip);
    if (footprint() <= l1_budget) break;
  }
  DUEL_CHECK(footprint() + static_cast<int64_t>(inputs_.size()) * 64 <= scratch_bytes,
             "a tile program with {} live values; cut it in two", registers_);
  keep_constants();
}

template <class T>
void TileKernel<T>::build(int64_t strip_elements) {
  int64_t cost = static_cast<int64_t>(program_.inputs.size() + program_.results.size());
  for (const auto& instruction : program_.instructions) cost += instruction_cost(instruction.op);
  layout_.emplace(space_, folds_ > 0, strip_elements, cost);
  results_ = program_.results;
  const auto operations = lower<T>(program_, results_);
  choose_loads();
  allocate(operations);
}

template <class T>
void TileKernel<T>::choose_loads() {
  inputs_.assign(program_.inputs.size(), {});
  registers_ = 0;
  batches_ = 0;
  const int split = layout_->split();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto& strides = space_.strides[i];
    InputSlot& input = inputs_[i];
    input.pattern = StripPattern(space_.extents, strides, split);
    if (std::ranges::all_of(strides, [](int64_t stride) { return stride == 0; })) {
      input.load = Load::repeated;
    } else if (input.pattern.is_repeated()) {
      input.load = Load::repeated_by_strip;
    } else {
      input.load = input.pattern.is_dense() ? Load::direct : Load::filled;
    }
    if (input.load == Load::filled) input.buffer = static_cast<int32_t>(registers_++);
    if (input.load == Load::repeated || input.load == Load::repeated_by_strip) {
      input.buffer = static_cast<int32_t>(batches_++);
    }
  }
}

// Gives every value a slot: sources and results have their own; the others share registers, each free again after the
// last step that reads it.
template <class T>
void TileKernel<T>::allocate(const std::vector<Operation<T>>& operations) {
  const auto sources = static_cast<int32_t>(program_.inputs.size() + program_.constants.size());
  const auto values = sources + static_cast<int32_t>(program_.instructions.size() + results_.size());
  std::vector<int32_t> slot(static_cast<std::size_t>(values), -1);
  std::iota(slot.begin(), slot.begin() + sources, 0);
  std::vector<int32_t> last_use(static_cast<std::size_t>(values), -1);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (const int32_t value : operations[i].arguments) last_use[static_cast<std::size_t>(value)] = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (results_[i].fold == Fold::none) slot[static_cast<std::size_t>(results_[i].value)] = result_slot(i);
  }

  steps_.clear();
  last_read_.assign(program_.inputs.size(), -1);
  written_.assign(results_.size(), std::numeric_limits<int32_t>::max());
  std::vector<int32_t> free;
  const auto release = [&](int32_t value) {
    if (slot[static_cast<std::size_t>(value)] >= register_slot(0))
      free.push_back(slot[static_cast<std::size_t>(value)]);
  };
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& operation = operations[i];
    Step step{.function = operation.function, .arity = static_cast<int>(operation.arguments.size())};
    for (std::size_t k = 0; k < operation.arguments.size(); ++k) {
      const int32_t value = operation.arguments[k];
      step.sources[k] = slot[static_cast<std::size_t>(value)];
      if (value < static_cast<int32_t>(inputs_.size())) {
        last_read_[static_cast<std::size_t>(value)] = static_cast<int32_t>(steps_.size());
      }
      const bool again = std::find(operation.arguments.begin(), operation.arguments.begin() + static_cast<long>(k),
                                   value) != operation.arguments.begin() + static_cast<long>(k);
      if (last_use[static_cast<std::size_t>(value)] == static_cast<int>(i) && !again) release(value);
    }
    int32_t& target = slot[static_cast<std::size_t>(operation.value)];
    if (target < 0) {
      if (free.empty()) free.push_back(register_slot(static_cast<std::size_t>(registers_++)));
      target = free.back();
      free.pop_back();
    }
    step.target = target;
    steps_.push_back(step);
    for (std::size_t r = 0; r < results_.size(); ++r) {
      if (results_[r].value != operation.value) continue;
      written_[r] = static_cast<int32_t>(steps_.size()) - 1;
      if (results_[r].fold == Fold::none) continue;
      Step fold{.fold = fold_function<T>(layout_->fold_shape(), results_[r].fold == Fold::max)};
      fold.sources[0] = target;
      fold.target = static_cast<int32_t>(r);
      steps_.push_back(fold);
    }
    if (last_use[static_cast<std::size_t>(operation.value)] < 0) release(operation.value);
  }
}

template <class T>
void TileKernel<T>::keep_constants() {
  for (const double value : program_.constants) {
    constants_.insert(constants_.end(), static_cast<std::size_t>(simd::lanes<T>), static_cast<T>(value));
  }
}

template <class T>
int64_t TileKernel<T>::footprint() const {
  const auto streams = std::ranges::count(inputs_, Load::direct, &InputSlot::load) +
                       std::ranges::count(results_, Fold::none, &TileProgram::Result::fold);
  return (registers_ + streams) * layout_->strip_elements() * static_cast<int64_t>(sizeof(T));
}

template <class T>
std::string TileKernel<T>::describe() const {
  std::string shape = fmt::format("{}", fmt::join(space_.extents, "×"));
  if (folds_ > 0) {
    shape.clear();
    for (std::size_t axis = 0; axis < space_.extents.size(); ++axis) {
      shape += fmt::format("{}{}{}", axis > 0 ? "×" : "", space_.extents[axis], space_.reduced[axis] ? "r" : "");
    }
  }
  return fmt::format("tile program {} {}, {} instructions, {} results, strips of {}, {} tiles",
                     to_string(program_.dtype), shape, program_.instructions.size(), results_.size(),
                     layout_ ? layout_->strip_elements() : 0, tiles(0));
}

template <class T>
double TileKernel<T>::flops() const {
  return static_cast<double>(space_.elements()) *
         (static_cast<double>(program_.instructions.size()) + static_cast<double>(folds_));
}

// ── running ────────────────────────────────────────────────────────────────────────────────────────────────────────

// Elements of a result that a tile of the combining phase makes.
constexpr int64_t combine_block = 4096;

template <class T>
int64_t TileKernel<T>::tiles(int phase) const {
  if (!layout_) return folds_ > 0 ? 1 : 0;
  return phase == 0 ? layout_->tiles() : divide_up(layout_->kept_elements(), combine_block);
}

template <class T>
int64_t TileKernel<T>::partials_of(std::size_t result) const {
  int64_t before = 0;
  for (std::size_t i = 0; i < result; ++i) before += results_[i].fold != Fold::none ? 1 : 0;
  return before * layout_->pieces() * layout_->kept_elements();
}

template <class T>
int64_t TileKernel<T>::workspace_bytes() const {
  return combines() ? partials_of(results_.size()) * static_cast<int64_t>(sizeof(T)) : 0;
}

// What a thread holds while it runs a tile.
template <class T>
struct TileKernel<T>::Running {
  const KernelArguments& arguments;
  T* registers;
  T* batches;
  Source<T>* slots;
  T** folded;        // by result: its whole, or the tile's piece of the workspace
  const T** filled;  // by input: what its register was filled from last
  int64_t* filled_rows;

  const T* input(std::size_t i) const { return reinterpret_cast<const T*>(arguments.inputs[i]); }
  T* output(std::size_t i) const { return reinterpret_cast<T*>(arguments.outputs[i]); }
};

template <class T>
void TileKernel<T>::run(int phase, int64_t tile, const KernelArguments& arguments) const {
  if (!layout_) return fill_neutral(arguments);
  if (phase == 1) return combine(tile, arguments);

  alignas(64) std::byte scratch[scratch_bytes];
  std::byte* next = scratch;
  const auto take = [&]<class Item>(Item*& items, int64_t count) {
    items = reinterpret_cast<Item*>(next);
    next += (count * static_cast<int64_t>(sizeof(Item)) + 63) / 64 * 64;
  };
  Running running{arguments, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  const auto inputs = static_cast<int64_t>(inputs_.size());
  take(running.registers, registers_ * layout_->strip_elements());
  take(running.batches, batches_ * simd::lanes<T>);
  take(running.slots, register_slot(static_cast<std::size_t>(registers_)));
  take(running.folded, static_cast<int64_t>(results_.size()));
  take(running.filled, inputs);
  take(running.filled_rows, inputs);
  prepare(running);

  const int64_t piece = tile % layout_->pieces();
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].fold == Fold::none) continue;
    running.folded[r] =
        combines() ? reinterpret_cast<T*>(arguments.workspace) + partials_of(r) + piece * layout_->kept_elements()
                   : running.output(r);
  }
  const int64_t inner = layout_->inner();
  // A strip within one axis (or several treated alike) is one row of as many columns as it has elements.
  const bool by_rows =
      layout_->space().reduced[static_cast<std::size_t>(layout_->split())] != layout_->space().reduced.back();
  layout_->for_each_strip(tile, [&](const Strip& strip) {
    enter(running, strip);
    const int64_t count = strip.rows * inner;
    for (const Step& step : steps_) {
      if (step.fold != nullptr) {
        step.fold(running.folded[step.target] + strip.kept, running.slots[step.sources[0]].data,
                  by_rows ? strip.rows : 1, by_rows ? inner : count, strip.first);
        continue;
      }
      Source<T> sources[most_sources];
      for (int k = 0; k < step.arity; ++k) sources[k] = running.slots[step.sources[static_cast<std::size_t>(k)]];
      step.function(const_cast<T*>(running.slots[step.target].data), sources, count);
    }
  });
}

// What stays the same from strip to strip.
template <class T>
void TileKernel<T>::prepare(Running& running) const {
  constexpr int64_t lanes = simd::lanes<T>;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputSlot& input = inputs_[i];
    running.filled[i] = nullptr;
    running.filled_rows[i] = 0;
    if (input.load == Load::filled) {
      running.slots[i] = {running.registers + input.buffer * layout_->strip_elements(), lanes};
    } else if (input.load != Load::direct) {
      T* batch = running.batches + input.buffer * lanes;
      if (input.load == Load::repeated) std::fill_n(batch, lanes, *running.input(i));
      running.slots[i] = {batch, 0};
    }
  }
  for (std::size_t i = 0; i < program_.constants.size(); ++i) {
    running.slots[constant_slot(i)] = {constants_.data() + i * lanes, 0};
  }
  for (int64_t i = 0; i < registers_; ++i) {
    running.slots[register_slot(static_cast<std::size_t>(i))] = {running.registers + i * layout_->strip_elements(),
                                                                 lanes};
  }
}

template <class T>
void TileKernel<T>::enter(Running& running, const Strip& strip) const {
  constexpr int64_t lanes = simd::lanes<T>;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputSlot& input = inputs_[i];
    if (input.load == Load::repeated) continue;
    const T* from = running.input(i);
    for (int axis = 0; axis <= layout_->split(); ++axis) {
      from += strip.index[static_cast<std::size_t>(axis)] * space_.strides[i][static_cast<std::size_t>(axis)];
    }
    if (input.load == Load::direct) {
      running.slots[i] = {from, lanes};
    } else if (input.load == Load::repeated_by_strip) {
      std::fill_n(running.batches + input.buffer * lanes, lanes, *from);
    } else if (running.filled[i] != from || running.filled_rows[i] < strip.rows) {
      input.pattern.fill(running.registers + input.buffer * layout_->strip_elements(), from, strip.rows);
      running.filled[i] = from;
      running.filled_rows[i] = strip.rows;
    }
  }
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].fold == Fold::none) running.slots[result_slot(r)] = {running.output(r) + strip.dense, lanes};
  }
}

template <class T>
void TileKernel<T>::combine(int64_t tile, const KernelArguments& arguments) const {
  const int64_t kept = layout_->kept_elements();
  const int64_t begin = tile * combine_block;
  const int64_t count = std::min(combine_block, kept - begin);
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].fold == Fold::none) continue;
    combine_partials(reinterpret_cast<T*>(arguments.outputs[r]) + begin,
                     reinterpret_cast<const T*>(arguments.workspace) + partials_of(r) + begin, layout_->pieces(), kept,
                     count, results_[r].fold == Fold::max);
  }
}

// Nothing was folded: sums are 0, maxima −∞.
template <class T>
void TileKernel<T>::fill_neutral(const KernelArguments& arguments) const {
  int64_t kept = 1;
  for (std::size_t axis = 0; axis < space_.extents.size(); ++axis)
    kept *= space_.reduced[axis] ? 1 : space_.extents[axis];
  for (std::size_t r = 0; r < results_.size(); ++r) {
    if (results_[r].fold == Fold::none) continue;
    const T neutral = results_[r].fold == Fold::max ? -std::numeric_limits<T>::infinity() : T(0);
    std::fill_n(reinterpret_cast<T*>(arguments.outputs[r]), kept, neutral);
  }
}

// A strip of an input may be written where it was read once no later step reads it.
template <class T>
bool TileKernel<T>::can_overwrite(int input, int output) const {
  const auto i = static_cast<std::size_t>(input);
  const auto r = static_cast<std::size_t>(output);
  DUEL_CHECK(i < program_.inputs.size() && r < results_.size(), "no input {} or output {}", input, output);
  if (!layout_ || results_[r].fold != Fold::none || inputs_[i].load != Load::direct) return false;
  int64_t dense = 1;
  for (std::size_t axis = space_.extents.size(); axis-- > 0; dense *= space_.extents[axis]) {
    if (space_.strides[i][axis] != dense && space_.extents[axis] > 1) return false;
  }
  return last_read_[i] <= written_[r];
}

}  // namespace

std::unique_ptr<Kernel> make_tile_kernel(TileProgram program) {
  if (program.dtype == DType::float32) return std::make_unique<TileKernel<float>>(std::move(program));
  return std::make_unique<TileKernel<double>>(std::move(program));
}

}  // namespace duel
