#include "plan/variables.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "kernels/select.hpp"

namespace duel {
namespace {

class Placement {
 public:
  explicit Placement(Draft& draft) : draft_(draft) {}

  void run() {
    copy_overwritten_outputs();
    make_last_versions_unique();
    for (const auto& versions : draft_.versions) {
      for (const int version : std::set<int>(versions.begin(), versions.end())) ++uses_[version];
    }
    find_successors();
    for (const auto& versions : draft_.versions) {
      if (is_assigned(versions)) place(versions);
    }
  }

 private:
  static bool is_assigned(const std::vector<int>& versions) {
    return versions.size() > 1 && versions.back() != versions.front();
  }

  int copy(int value, Location home, const std::string& why) {
    const int64_t elements = home.bytes / size_of(draft_.dtype);
    const int result = draft_.add_value(home);
    draft_.add_step({.kernel = make_copy_kernel(draft_.dtype, elements),
                     .inputs = {value},
                     .outputs = {result},
                     .after = {},
                     .label = why});
    return result;
  }

  Location aside(int value) const { return {Location::Space::arena, 0, 0, draft_.value(value).home.bytes}; }

  // An output that is a variable's value before the step, while the step overwrites it.
  void copy_overwritten_outputs() {
    for (const auto& versions : draft_.versions) {
      if (!is_assigned(versions) || !draft_.value(versions.front()).output) continue;
      const int kept = copy(versions.front(), aside(versions.front()), "copy for an output");
      draft_.value(versions.front()).output = false;
      draft_.value(kept).output = true;
      std::ranges::replace(draft_.outputs, versions.front(), kept);
    }
  }

  // A last version that no step computes (an input, a constant, another variable), or that another variable holds too,
  // is copied: then every last version has one step that writes it.
  void make_last_versions_unique() {
    std::set<int> taken;
    for (auto& versions : draft_.versions) {
      if (!is_assigned(versions)) continue;
      const int last = versions.back();
      const bool in_others = std::ranges::any_of(draft_.versions, [&](const auto& other) {
        return &other != &versions && std::ranges::find(other, last) != other.end();
      });
      if (draft_.value(last).producer == -1 || (in_others && !taken.insert(last).second) ||
          (in_others && held_before_the_end(versions, last))) {
        versions.back() = copy(last, aside(last), "copy for a variable");
      }
    }
  }

  // Is `value` a version of another variable than `of` that a later one replaces?
  bool held_before_the_end(const std::vector<int>& of, int value) const {
    return std::ranges::any_of(draft_.versions, [&](const auto& other) {
      if (&other == &of || other.empty()) return false;
      return std::ranges::find(other.begin(), other.end() - 1, value) != other.end() - 1;
    });
  }

  void find_successors() {
    successors_.resize(draft_.steps.size());
    const auto before = predecessors(draft_);
    for (std::size_t step = 0; step < before.size(); ++step) {
      for (const int earlier : before[step]) successors_[index(earlier)].push_back(static_cast<int>(step));
    }
  }

  void place(const std::vector<int>& versions) {
    const int last = versions.back();
    int held = versions.front();
    for (auto version = versions.begin() + 1; *version != last; ++version) {
      // One that is held twice, or read after the plan ends, must not be overwritten by the next.
      const bool free = uses_[*version] == 1 && std::ranges::count(versions, *version) == 1;
      if (free && !draft_.value(*version).output && overwrite(held, *version)) held = *version;
    }
    if (!overwrite(held, last)) copy_at_the_end(held, last);
  }

  // Lets `value` be written over `held` if the order of steps can be made to allow it.
  bool overwrite(int held, int value) {
    const int writer = draft_.value(value).producer;
    if (writer == -1 || draft_.value(value).home.space != Location::Space::arena) return false;
    std::vector<int> earlier = draft_.value(held).readers;
    if (draft_.value(held).producer >= 0) earlier.push_back(draft_.value(held).producer);
    if (draft_.value(held).producer == writer) return false;
    const std::vector<bool> later = reachable_from(writer);
    for (const int step : earlier) {
      if (step == writer ? !draft_.can_overwrite(writer, held, value) : bool{later[index(step)]}) return false;
    }
    draft_.value(value).home = draft_.value(held).home;
    for (const int step : earlier) put_before(step, writer);
    return true;
  }

  void put_before(int earlier, int later) {
    if (earlier == later) return;
    draft_.step(later).after.push_back(earlier);
    successors_[index(earlier)].push_back(later);
  }

  void copy_at_the_end(int held, int value) {
    const int stored = copy(value, draft_.value(held).home, "copy into a variable");
    successors_.emplace_back();
    const int step = draft_.value(stored).producer;
    if (draft_.value(value).producer >= 0) successors_[index(draft_.value(value).producer)].push_back(step);
    for (const int reader : draft_.value(held).readers) put_before(reader, step);
    if (draft_.value(held).producer >= 0) put_before(draft_.value(held).producer, step);
  }

  std::vector<bool> reachable_from(int step) const {
    std::vector<bool> seen(successors_.size(), false);
    std::vector<int> open{step};
    while (!open.empty()) {
      const int next = open.back();
      open.pop_back();
      for (const int successor : successors_[index(next)]) {
        if (seen[index(successor)]) continue;
        seen[index(successor)] = true;
        open.push_back(successor);
      }
    }
    return seen;
  }

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  Draft& draft_;
  std::map<int, int> uses_;  // how many variables have the value as a version
  std::vector<std::vector<int>> successors_;
};

}  // namespace

void place_variables(Draft& draft) { Placement(draft).run(); }

}  // namespace duel
