#include "plan/lower.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "graph/op.hpp"
#include "kernels/select.hpp"
#include "kernels/tile_program.hpp"
#include "ops/records.hpp"
#include "ops/table.hpp"
#include "plan/index.hpp"

namespace duel {
namespace {

// One group's tile program while it is being made.
class ProgramBuilder {
 public:
  ProgramBuilder(const Graph& graph, const Items& items, const Group& group)
      : graph_(graph), items_(items), group_(group) {
    program_.dtype = graph.dtype();
    program_.extents = group.loops;
    for (const int64_t stride : reduced_strides()) program_.reduced.push_back(stride == 0 && !group.fold.empty());
    collect_operands();
    for (const int i : group.members) add_member(i);
  }

  // The items that are the program's inputs, in order.
  const std::vector<int>& inputs() const { return inputs_; }

  void add_result(int item) {
    const bool folded = items_[item].work == Work::reduction;
    program_.results.push_back(
        {.value = number_of_.at(item), .fold = folded ? fold_of(item) : TileProgram::Fold::none});
  }

  TileProgram take() { return std::move(program_); }

 private:
  using Key = std::pair<int, Access>;

  std::vector<int64_t> reduced_strides() const {
    return group_.fold.empty() ? std::vector<int64_t>(group_.loops.size(), 1)
                               : strides_along(group_.loops, group_.fold);
  }

  bool is_member(int item) const { return std::ranges::find(group_.members, item) != group_.members.end(); }

  // Values are numbered inputs first, then constants: both must be known before the first instruction.
  void collect_operands() {
    for (const int i : group_.members) {
      for (const Operand& operand : items_[i].operands) {
        if (operand.is_number()) {
          add_constant(operand.value);
        } else if (!is_member(operand.item)) {
          add_input(operand);
        }
      }
    }
  }

  void add_constant(double value) {
    if (constant_index(value) == program_.constants.size()) program_.constants.push_back(value);
  }

  // By bits: 0 and -0 are two constants, and a NaN equals itself.
  std::size_t constant_index(double value) const {
    const auto same = [&](double other) { return std::memcmp(&other, &value, sizeof value) == 0; };
    return static_cast<std::size_t>(std::ranges::find_if(program_.constants, same) - program_.constants.begin());
  }

  std::size_t input_index(const Operand& operand) const {
    std::size_t i = 0;
    while (i < inputs_.size() && !(inputs_[i] == operand.item && accesses_[i] == operand.access)) ++i;
    return i;
  }

  void add_input(const Operand& operand) {
    if (input_index(operand) < inputs_.size()) return;
    inputs_.push_back(operand.item);
    accesses_.push_back(operand.access);
    program_.inputs.push_back({strides_along(group_.loops, operand.access)});
  }

  int32_t number_of(const Operand& operand) const {
    if (operand.is_number()) return static_cast<int32_t>(inputs_.size() + constant_index(operand.value));
    if (is_member(operand.item)) return number_of_.at(operand.item);
    return static_cast<int32_t>(input_index(operand));
  }

  void add_member(int i) {
    const Item& item = items_[i];
    if (item.work != Work::elementwise) {  // a spread or a fold gives its operand's value as it is
      number_of_[i] = number_of(item.operands[0]);
      return;
    }
    TileProgram::Instruction instruction{.op = elementwise_of(*graph_[item.node].op), .arguments = {}};
    for (std::size_t k = 0; k < item.operands.size(); ++k) instruction.arguments[k] = number_of(item.operands[k]);
    const std::size_t values = inputs_.size() + program_.constants.size() + program_.instructions.size();
    number_of_[i] = static_cast<int32_t>(values);
    program_.instructions.push_back(instruction);
  }

  TileProgram::Fold fold_of(int item) const {
    const Op* op = graph_[items_[item].node].op;
    DUEL_CHECK(op == &sum_op() || op == &max_op(), "no fold is known for {}", op->name);
    return op == &sum_op() ? TileProgram::Fold::sum : TileProgram::Fold::max;
  }

  const Graph& graph_;
  const Items& items_;
  const Group& group_;
  TileProgram program_;
  std::vector<int> inputs_;
  std::vector<Access> accesses_;
  std::map<int, int32_t> number_of_;  // member → value of the program
};

class Lowering {
 public:
  Lowering(const Graph& graph, const Items& items, const std::vector<Group>& groups)
      : graph_(graph),
        items_(items),
        groups_(groups),
        group_of_(items.list.size(), -1),
        read_outside_(items.list.size(), false),
        value_of_(items.list.size(), -1) {}

  Draft run() {
    draft_.dtype = graph_.dtype();
    find_stored_items();
    make_values();
    for (const Group& group : groups_) lower_group(group);
    for (int i = 0; i < items_.size(); ++i) {
      if (items_[i].work == Work::kernel) lower_kernel(i);
    }
    enter_outputs();
    return std::move(draft_);
  }

 private:
  void find_stored_items() {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const int i : groups_[g].members) group_of_[index(i)] = static_cast<int>(g);
    }
    for (int i = 0; i < items_.size(); ++i) {
      for (const Operand& operand : items_[i].operands) {
        if (operand.is_number()) continue;
        const bool inside = group_of_[index(i)] >= 0 && group_of_[index(i)] == group_of_[index(operand.item)];
        if (!inside) read_outside_[index(operand.item)] = true;
      }
    }
    for (const int i : items_.outputs) read_outside_[index(i)] = true;
    for (const auto& versions : items_.versions) {
      if (!versions.empty()) read_outside_[index(versions.back())] = true;
    }
  }

  void make_values() {
    for (int i = 0; i < items_.size(); ++i) {
      const bool initial = items_[i].work == Work::variable;  // versions refer to it even when nobody reads it
      if (read_outside_[index(i)] || initial) value_of_[index(i)] = draft_.add_value(home_of(items_[i]));
    }
  }

  Location home_of(const Item& item) {
    const int64_t bytes = item.elements * size_of(graph_.dtype());
    switch (item.work) {
      case Work::input:
        return {Location::Space::input, item.index, 0, bytes};
      case Work::variable:
        return {Location::Space::variable, item.index, 0, bytes};
      case Work::constant:
        return {Location::Space::constant, 0, constant_offset(item), bytes};
      default:
        return {Location::Space::arena, 0, 0, bytes};
    }
  }

  int64_t constant_offset(const Item& item) {
    HostTensor tensor{graph_[item.node].shape, {}};
    tensor.values.assign(static_cast<std::size_t>(item.elements), item.number.value_or(0));
    if (!item.number) graph_[item.node].op->reference(graph_[item.node], {}, {}, tensor);
    constexpr std::size_t alignment = Location::alignment;
    const std::size_t offset = draft_.constants.size();
    const std::size_t bytes = tensor.values.size() * static_cast<std::size_t>(size_of(graph_.dtype()));
    draft_.constants.resize(offset + (bytes + alignment - 1) / alignment * alignment);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) store(tensor.values[i], offset, i);
    return static_cast<int64_t>(offset);
  }

  void store(double value, std::size_t offset, std::size_t i) {
    if (graph_.dtype() == DType::float64) {
      std::memcpy(&draft_.constants[offset + i * sizeof value], &value, sizeof value);
    } else {
      const auto single = static_cast<float>(value);
      std::memcpy(&draft_.constants[offset + i * sizeof single], &single, sizeof single);
    }
  }

  void lower_group(const Group& group) {
    ProgramBuilder builder(graph_, items_, group);
    Step step;
    for (const int i : builder.inputs()) step.inputs.push_back(value_of_[index(i)]);
    for (const int i : group.members) {
      append_label(step.label, i);
      if (!read_outside_[index(i)]) continue;
      builder.add_result(i);
      step.outputs.push_back(value_of_[index(i)]);
    }
    step.kernel = make_tile_kernel(builder.take());
    draft_.add_step(std::move(step));
  }

  void lower_kernel(int i) {
    const Item& item = items_[i];
    Step step;
    step.kernel = make_kernel(graph_, graph_[item.node]);
    for (std::size_t k = 0; k < item.operands.size(); ++k) {
      const int value = value_of_[index(item.operands[k].item)];
      const auto packing = step.kernel->packing(static_cast<int>(k));
      step.inputs.push_back(packing ? packed(value, *packing) : value);
    }
    step.outputs = {value_of_[index(i)]};
    append_label(step.label, i);
    draft_.add_step(std::move(step));
  }

  // The value in that form, made by a step of its own when it is asked for first.
  int packed(int value, const Packing& packing) {
    const auto [found, made] = packed_.try_emplace({value, packing.format}, -1);
    if (made) {
      found->second = draft_.add_value({Location::Space::arena, 0, 0, packing.bytes});
      // Packing is one tile's work, which others should not have to wait for: it goes beside what runs first.
      draft_.add_step({.kernel = packing.kernel,
                       .inputs = {value},
                       .outputs = {found->second},
                       .after = {},
                       .label = "packed",
                       .early = true});
    }
    return found->second;
  }

  void append_label(std::string& label, int i) const {
    const Item& item = items_[i];
    const std::string_view what = item.work == Work::spread ? "spread" : graph_[item.node].op->name;
    label += fmt::format("{}%{} {}", label.empty() ? "" : ", ", item.node.index, what);
  }

  void enter_outputs() {
    for (const int i : items_.outputs) {
      draft_.outputs.push_back(value_of_[index(i)]);
      draft_.value(draft_.outputs.back()).output = true;
    }
    for (const auto& versions : items_.versions) {
      auto& values = draft_.versions.emplace_back();
      for (const int i : versions) {
        if (value_of_[index(i)] >= 0) values.push_back(value_of_[index(i)]);
      }
    }
  }

  const Graph& graph_;
  const Items& items_;
  const std::vector<Group>& groups_;
  Draft draft_;
  std::vector<int> group_of_;
  std::vector<bool> read_outside_;
  std::vector<int> value_of_;
  std::map<std::pair<int, std::string>, int> packed_;  // value and format → the packed value
};

}  // namespace

Draft lower(const Graph& graph, const Items& items, const std::vector<Group>& groups) {
  return Lowering(graph, items, groups).run();
}

}  // namespace duel
