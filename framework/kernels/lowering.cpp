#include "kernels/lowering.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "kernels/patterns.hpp"

namespace duel {
namespace {

using Instruction = TileProgram::Instruction;

constexpr auto index_of(int32_t value) { return static_cast<std::size_t>(value); }

// Chooses operations from the results backwards, the largest tree first.
template <class T>
class Lowering {
 public:
  explicit Lowering(const TileProgram& program, const std::vector<TileProgram::Result>& results)
      : program_(program), first_(static_cast<int32_t>(program.inputs.size() + program.constants.size())) {
    const std::size_t values = index_of(first_) + program.instructions.size();
    uses_.assign(values, 0);
    is_result_.assign(values, false);
    for (const auto& result : results) is_result_[index_of(result.value)] = true;
    for (int32_t value = static_cast<int32_t>(values); value-- > first_;) {
      if (!needed(value)) continue;
      for (int k = 0; k < arity(value); ++k) ++uses_[index_of(instruction(value).arguments[index_of(k)])];
    }
  }

  std::vector<Operation<T>> operations() {
    std::vector<Operation<T>> chosen;
    std::vector<bool> inside(uses_.size(), false);
    for (int32_t value = static_cast<int32_t>(uses_.size()); value-- > first_;) {
      if (!needed(value) || inside[index_of(value)]) continue;
      chosen.push_back(choose(value));
      for (const int32_t between : covered_) inside[index_of(between)] = true;
    }
    std::ranges::reverse(chosen);
    return chosen;
  }

 private:
  bool needed(int32_t value) const { return uses_[index_of(value)] > 0 || is_result_[index_of(value)]; }
  const Instruction& instruction(int32_t value) const { return program_.instructions[index_of(value - first_)]; }
  bool is_constant(int32_t value) const {
    return value < first_ && value >= static_cast<int32_t>(program_.inputs.size());
  }
  int arity(int32_t value) const { return op_of(instruction(value).op).arity; }

  Operation<T> choose(int32_t value) {
    for (const Pattern<T>& pattern : patterns<T>()) {
      leaves_.fill(-1);
      covered_.clear();
      if (match(pattern, 0, value, true)) {
        return {pattern.function, {leaves_.begin(), leaves_.begin() + pattern.sources}, value};
      }
    }
    covered_.clear();
    const auto& arguments = instruction(value).arguments;
    return {
        instruction_function<T>(instruction(value).op), {arguments.begin(), arguments.begin() + arity(value)}, value};
  }

  // Matches the subtree that begins at `node`; returns the node after it.
  std::optional<std::size_t> match(const Pattern<T>& pattern, std::size_t node, int32_t value, bool root) {
    const auto& wanted = pattern.nodes[node];
    if (wanted.leaf >= 0) {
      leaves_[index_of(wanted.leaf)] = value;
      return node + 1;
    }
    if (value < first_ || instruction(value).op != wanted.op) return std::nullopt;
    if (!root && (uses_[index_of(value)] != 1 || is_result_[index_of(value)])) return std::nullopt;
    if (!root) covered_.push_back(value);
    const auto& arguments = instruction(value).arguments;
    if (arity(value) == 1) return match(pattern, node + 1, arguments[0], false);
    const std::size_t covered = covered_.size();
    const bool constant_first = is_constant(arguments[0]) && is_commutative(wanted.op);
    for (const bool exchanged : {constant_first, !constant_first}) {
      if (exchanged && !is_commutative(wanted.op)) break;
      covered_.resize(covered);
      const auto next = match(pattern, node + 1, arguments[exchanged ? 1 : 0], false);
      if (!next) continue;
      if (const auto end = match(pattern, *next, arguments[exchanged ? 0 : 1], false)) return end;
    }
    covered_.resize(covered);
    return std::nullopt;
  }

  const TileProgram& program_;
  int32_t first_;
  std::vector<int> uses_;
  std::vector<bool> is_result_;
  std::array<int32_t, most_sources> leaves_{};
  std::vector<int32_t> covered_;  // values inside of the tree matched last
};

}  // namespace

template <class T>
std::vector<Operation<T>> lower(const TileProgram& program, std::vector<TileProgram::Result>& results) {
  std::vector<Operation<T>> operations = Lowering<T>(program, results).operations();
  const auto sources = static_cast<int32_t>(program.inputs.size() + program.constants.size());
  int32_t next = sources + static_cast<int32_t>(program.instructions.size());
  std::vector<bool> taken(index_of(next), false);
  for (auto& result : results) {
    const bool in_place = result.fold == TileProgram::Fold::none;
    if (result.value >= sources && (!in_place || !taken[index_of(result.value)])) {
      if (in_place) taken[index_of(result.value)] = true;
      continue;
    }
    operations.push_back({copy_function<T>(), {result.value}, next});
    result.value = next++;
  }
  return operations;
}

template std::vector<Operation<float>> lower<float>(const TileProgram&, std::vector<TileProgram::Result>&);
template std::vector<Operation<double>> lower<double>(const TileProgram&, std::vector<TileProgram::Result>&);

}  // namespace duel
