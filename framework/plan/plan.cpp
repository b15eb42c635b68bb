#include "plan/plan.hpp"

#include "plan/draft.hpp"
#include "plan/fuse.hpp"
#include "plan/lower.hpp"
#include "plan/memory.hpp"
#include "plan/order.hpp"
#include "plan/recompute.hpp"
#include "plan/resolve.hpp"
#include "plan/stages.hpp"
#include "plan/variables.hpp"

namespace duel {
namespace {

Slot slot_of(const std::string& name, const Graph& graph, NodeId id) {
  return {.name = name, .shape = graph[id].shape, .dtype = graph.dtype()};
}

void declare(Plan& plan, const Graph& graph) {
  plan.dtype = graph.dtype();
  for (const Variable& variable : graph.variables()) {
    plan.variables.push_back(slot_of(variable.name, graph, variable.initial));
  }
  for (const auto& [name, id] : graph.inputs()) plan.inputs.push_back(slot_of(name, graph, id));
}

std::vector<Location> homes(const Draft& draft, const std::vector<int>& values) {
  std::vector<Location> locations;
  for (const int value : values) locations.push_back(draft.value(value).home);
  return locations;
}

void emit_calls(Plan& plan, const Draft& draft, const std::vector<int>& launches, const ArenaLayout& arena) {
  for (std::size_t i = 0; i < draft.steps.size(); ++i) {
    const Step& step = draft.steps[i];
    const auto launch = static_cast<std::size_t>(launches[i]);
    if (plan.launches.size() <= launch) plan.launches.resize(launch + 1);
    plan.launches[launch].calls.push_back(
        {.kernel = step.kernel,
         .inputs = homes(draft, step.inputs),
         .outputs = homes(draft, step.outputs),
         .workspace = {Location::Space::arena, 0, arena.workspace_offsets[i], step.kernel->workspace_bytes()},
         .label = step.label});
    plan.flops += step.kernel->flops();
  }
  plan.arena_bytes = arena.bytes;
}

void emit_outputs(Plan& plan, const Graph& graph, const Draft& draft, const std::vector<int>& launches) {
  for (std::size_t i = 0; i < draft.outputs.size(); ++i) {
    const Output& output = graph.outputs()[i];
    const Value& value = draft.value(draft.outputs[i]);
    const int launch = value.producer < 0 ? -1 : launches[static_cast<std::size_t>(value.producer)];
    plan.outputs.push_back({slot_of(output.name, graph, output.node), value.home, launch});
  }
}

}  // namespace

int64_t Plan::peak_bytes() const {
  int64_t bytes = arena_bytes + static_cast<int64_t>(constants.size());
  for (const Slot& slot : variables) bytes += slot.bytes();
  for (const Slot& slot : inputs) bytes += slot.bytes();
  return bytes;
}

Plan make_plan(const Graph& graph) {
  Items items = resolve(graph);
  assign_stages(items);
  recompute(items);
  const std::vector<Group> groups = fuse(items);
  Draft draft = lower(graph, items, groups);
  place_variables(draft);
  const std::vector<int> launches = order_steps(draft);
  const ArenaLayout arena = lay_out_arena(draft, launches);

  Plan plan;
  declare(plan, graph);
  emit_calls(plan, draft, launches, arena);
  emit_outputs(plan, graph, draft, launches);
  plan.constants = std::move(draft.constants);
#ifdef DUEL_ASSERTIONS
  verify_plan(plan);
#endif
  return plan;
}

}  // namespace duel
