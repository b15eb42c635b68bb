#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "plan/plan.hpp"

namespace duel {
namespace {

using Space = Location::Space;

bool overlap(const Location& a, const Location& b) {
  return a.space == b.space && a.index == b.index && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

std::string name_of(const Location& location) {
  constexpr const char* spaces[] = {"the arena", "variable", "input", "the constants"};
  return fmt::format("{} {} at {}, {} bytes", spaces[static_cast<int>(location.space)], location.index, location.offset,
                     location.bytes);
}

// A set of bytes of the arena, as disjoint stretches: start → end.
class Bytes {
 public:
  void add(const Location& location) {
    int64_t start = location.offset;
    int64_t end = start + location.bytes;
    auto next = stretches_.upper_bound(start);
    if (next != stretches_.begin() && std::prev(next)->second >= start) --next;
    while (next != stretches_.end() && next->first <= end) {
      start = std::min(start, next->first);
      end = std::max(end, next->second);
      next = stretches_.erase(next);
    }
    stretches_[start] = end;
  }

  void remove(const Location& location) {
    const int64_t start = location.offset;
    const int64_t end = start + location.bytes;
    auto next = stretches_.upper_bound(start);
    if (next != stretches_.begin() && std::prev(next)->second > start) --next;
    while (next != stretches_.end() && next->first < end) {
      const auto [first, last] = *next;
      next = stretches_.erase(next);
      if (first < start) stretches_[first] = start;
      if (last > end) stretches_[end] = last;
    }
  }

  bool contain(const Location& location) const {
    const auto next = stretches_.upper_bound(location.offset);
    return location.bytes == 0 ||
           (next != stretches_.begin() && std::prev(next)->second >= location.offset + location.bytes);
  }

 private:
  std::map<int64_t, int64_t> stretches_;
};

class Verifier {
 public:
  explicit Verifier(const Plan& plan) : plan_(plan) {}

  void run() {
    for (launch_ = 0; launch_ < plan_.launches.size(); ++launch_) {
      const auto& calls = plan_.launches[launch_].calls;
      DUEL_CHECK(!calls.empty(), "launch {} is empty", launch_);
      for (const Call& call : calls) check_call(call);
      for (std::size_t i = 0; i < calls.size(); ++i) {
        for (std::size_t j = 0; j < calls.size(); ++j) {
          if (i != j) check_apart(calls[i], calls[j]);
        }
      }
      for (const Call& call : calls) follow(call);
    }
    for (const OutputSlot& output : plan_.outputs) check_output(output);
  }

 private:
  int64_t size_of_space(const Location& location) const {
    const auto count = [&](const auto& slots) {
      DUEL_CHECK(location.index >= 0 && static_cast<std::size_t>(location.index) < slots.size(), "there is no {}",
                 name_of(location));
      return slots[static_cast<std::size_t>(location.index)].bytes();
    };
    switch (location.space) {
      case Space::arena:
        return plan_.arena_bytes;
      case Space::constant:
        return static_cast<int64_t>(plan_.constants.size());
      case Space::variable:
        return count(plan_.variables);
      case Space::input:
        return count(plan_.inputs);
    }
    DUEL_CHECK(false, "a location is in no space");
  }

  void check_inside(const Location& location, const std::string& whose) const {
    DUEL_CHECK(
        location.offset >= 0 && location.bytes >= 0 && location.offset + location.bytes <= size_of_space(location),
        "{} leaves its space: {}", whose, name_of(location));
    DUEL_CHECK(location.offset % Location::alignment == 0, "{} is not aligned: {}", whose, name_of(location));
  }

  std::string title(const Call& call) const { return fmt::format("launch {}, call '{}'", launch_, call.label); }

  void check_call(const Call& call) const {
    DUEL_CHECK(call.kernel != nullptr, "{} has no kernel", title(call));
    DUEL_CHECK(call.workspace.bytes == call.kernel->workspace_bytes(), "{} has a workspace of {} bytes and needs {}",
               title(call), call.workspace.bytes, call.kernel->workspace_bytes());
    for (const Location& input : call.inputs) {
      check_inside(input, title(call));
      DUEL_CHECK(input.space != Space::arena || written_.contain(input), "{} reads what nobody wrote: {}", title(call),
                 name_of(input));
    }
    for (const Location& output : call.outputs) {
      check_inside(output, title(call));
      DUEL_CHECK(output.space == Space::arena || output.space == Space::variable, "{} writes into {}", title(call),
                 name_of(output));
    }
    if (call.workspace.bytes > 0) {
      check_inside(call.workspace, title(call));
      DUEL_CHECK(call.workspace.space == Space::arena, "{} works in {}", title(call), name_of(call.workspace));
    }
    check_own_places(call);
  }

  // Within a call only an output over an input that the kernel allows to be overwritten may share memory.
  void check_own_places(const Call& call) const {
    for (std::size_t o = 0; o < call.outputs.size(); ++o) {
      for (std::size_t other = 0; other < o; ++other) {
        DUEL_CHECK(!overlap(call.outputs[o], call.outputs[other]), "{} writes twice into {}", title(call),
                   name_of(call.outputs[o]));
      }
      for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        if (!overlap(call.outputs[o], call.inputs[i])) continue;
        const bool allowed = call.outputs[o].offset == call.inputs[i].offset &&
                             call.kernel->can_overwrite(static_cast<int>(i), static_cast<int>(o));
        DUEL_CHECK(allowed, "{} overwrites its own input {}", title(call), name_of(call.inputs[i]));
      }
      DUEL_CHECK(!overlap(call.outputs[o], call.workspace), "{} works in its own output {}", title(call),
                 name_of(call.outputs[o]));
    }
    for (const Location& input : call.inputs) {
      DUEL_CHECK(!overlap(input, call.workspace), "{} works in its own input {}", title(call), name_of(input));
    }
  }

  void check_apart(const Call& writer, const Call& other) const {
    const auto check = [&](const Location& written) {
      const auto touches = [&](const Location& location) { return overlap(written, location); };
      const bool touched = std::ranges::any_of(other.inputs, touches) || std::ranges::any_of(other.outputs, touches) ||
                           touches(other.workspace);
      DUEL_CHECK(!touched, "{} touches {}, which call '{}' of the same launch writes", title(other), name_of(written),
                 writer.label);
    };
    for (const Location& output : writer.outputs) check(output);
    check(writer.workspace);
  }

  void follow(const Call& call) {
    if (call.workspace.bytes > 0) written_.remove(call.workspace);
    for (const Location& output : call.outputs) {
      if (output.space == Space::arena) written_.add(output);
    }
  }

  void check_output(const OutputSlot& output) const {
    const auto title = fmt::format("output '{}'", output.slot.name);
    check_inside(output.location, title);
    DUEL_CHECK(output.location.bytes == output.slot.bytes(), "{} of {} bytes lies in {}", title, output.slot.bytes(),
               name_of(output.location));
    DUEL_CHECK(output.launch < static_cast<int64_t>(plan_.launches.size()), "{} is written by launch {} of {}", title,
               output.launch, plan_.launches.size());
    DUEL_CHECK(output.launch >= 0 || output.location.space != Space::arena, "{} lies in the arena and nobody writes it",
               title);
    if (output.launch >= 0) {
      const auto writes = [&](const Call& call) {
        return std::ranges::find(call.outputs, output.location) != call.outputs.end();
      };
      DUEL_CHECK(std::ranges::any_of(plan_.launches[static_cast<std::size_t>(output.launch)].calls, writes),
                 "{} is not written by launch {}", title, output.launch);
    }
    for (auto later = static_cast<std::size_t>(output.launch + 1); later < plan_.launches.size(); ++later) {
      for (const Call& call : plan_.launches[later].calls) {
        const auto touches = [&](const Location& location) { return overlap(output.location, location); };
        DUEL_CHECK(std::ranges::none_of(call.outputs, touches) && !touches(call.workspace),
                   "{} is overwritten by launch {}, call '{}'", title, later, call.label);
      }
    }
  }

  const Plan& plan_;
  std::size_t launch_ = 0;
  Bytes written_;  // of the arena, with contents that may be read
};

}  // namespace

void verify_plan(const Plan& plan) { Verifier(plan).run(); }

}  // namespace duel
