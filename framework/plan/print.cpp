#include <fmt/format.h>

#include <iterator>

#include "base/text.hpp"
#include "plan/plan.hpp"

namespace duel {
namespace {

std::string bytes_text(int64_t bytes) { return format_bytes(static_cast<uint64_t>(bytes)); }

int64_t total_bytes(const std::vector<Slot>& slots) {
  int64_t bytes = 0;
  for (const Slot& slot : slots) bytes += slot.bytes();
  return bytes;
}

std::string place(const Plan& plan, const Location& location) {
  const auto index = static_cast<std::size_t>(location.index);
  switch (location.space) {
    case Location::Space::arena:
      return fmt::format("arena+{}", location.offset);
    case Location::Space::constant:
      return fmt::format("constants+{}", location.offset);
    case Location::Space::variable:
      return "variable " + plan.variables[index].name;
    case Location::Space::input:
      return "input " + plan.inputs[index].name;
  }
  return {};
}

std::string places(const Plan& plan, const std::vector<Location>& locations) {
  std::string text;
  for (const Location& location : locations) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", place(plan, location), bytes_text(location.bytes));
  }
  return text;
}

void print_call(const Plan& plan, const Call& call, std::string& text) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "  {}\n    computes {}\n", call.kernel->describe(), call.label);
  std::string tiles;
  for (int phase = 0; phase < call.kernel->phases(); ++phase) {
    tiles += fmt::format("{}{}", phase == 0 ? "" : " + ", call.kernel->tiles(phase));
  }
  fmt::format_to(out, "    tiles    {}\n", tiles);
  if (!call.inputs.empty()) fmt::format_to(out, "    reads    {}\n", places(plan, call.inputs));
  fmt::format_to(out, "    writes   {}\n", places(plan, call.outputs));
  if (call.workspace.bytes > 0) fmt::format_to(out, "    works in {}\n", places(plan, {call.workspace}));
}

}  // namespace

std::string print_plan(const Plan& plan) {
  std::string text;
  const auto out = std::back_inserter(text);
  std::size_t calls = 0;
  for (std::size_t i = 0; i < plan.launches.size(); ++i) {
    fmt::format_to(out, "launch {}\n", i);
    for (const Call& call : plan.launches[i].calls) print_call(plan, call, text);
    calls += plan.launches[i].calls.size();
  }
  for (const OutputSlot& output : plan.outputs) {
    fmt::format_to(out, "output {} : {}{} = {}\n", output.slot.name, to_string(output.slot.dtype),
                   to_string(output.slot.shape), place(plan, output.location));
  }
  fmt::format_to(out, "total {} launches, {} calls, {:.4g} Mflop, {}\n", plan.launches.size(), calls, plan.flops / 1e6,
                 to_string(plan.dtype));
  fmt::format_to(out, "memory {}: arena {}, variables {}, inputs {}, constants {}\n", bytes_text(plan.peak_bytes()),
                 bytes_text(plan.arena_bytes), bytes_text(total_bytes(plan.variables)),
                 bytes_text(total_bytes(plan.inputs)), bytes_text(static_cast<int64_t>(plan.constants.size())));
  return text;
}

}  // namespace duel
