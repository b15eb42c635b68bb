#include "plan/access.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"

namespace duel {
namespace {

// For each loop the number of elements that one step of it passes, and after them the size of the whole space;
// innermost first, so that bounds[0] is 1.
template <class Range, class Extent>
std::vector<int64_t> bounds_of(const Range& loops, Extent extent) {
  std::vector<int64_t> bounds{1};
  for (auto loop = std::rbegin(loops); loop != std::rend(loops); ++loop)
    bounds.push_back(bounds.back() * extent(*loop));
  return bounds;
}

}  // namespace

Access canonical(std::span<const Axis> axes) {
  Access access;
  for (const Axis& axis : axes) {
    if (axis.extent == 1) continue;
    if (!access.empty() && access.back().stride == axis.extent * axis.stride) {
      access.back() = {access.back().extent * axis.extent, axis.stride};
    } else {
      access.push_back(axis);
    }
  }
  return access;
}

Access dense_access(int64_t elements) { return elements == 1 ? Access{} : Access{{elements, 1}}; }

bool is_dense(const Access& access) { return access.empty() || (access.size() == 1 && access[0].stride == 1); }

int64_t elements_of(const Access& access) {
  int64_t elements = 1;
  for (const Axis& axis : access) elements *= axis.extent;
  return elements;
}

Access broadcast_access(const Shape& from, const Shape& to) {
  const auto strides = row_major_strides(from);
  std::vector<Axis> axes;
  for (int i = 0; i < to.rank(); ++i) {
    const int j = i - (to.rank() - from.rank());
    axes.push_back({to[i], j < 0 || from[j] == 1 ? 0 : strides[static_cast<std::size_t>(j)]});
  }
  return canonical(axes);
}

Access fold_access(const Shape& from, std::span<const int64_t> axes) {
  std::vector<Axis> pattern(static_cast<std::size_t>(from.rank()));
  int64_t stride = 1;
  for (int i = from.rank(); i-- > 0;) {
    const bool folded = std::ranges::find(axes, i) != axes.end();
    pattern[static_cast<std::size_t>(i)] = {from[i], folded ? 0 : stride};
    if (!folded) stride *= from[i];
  }
  return canonical(pattern);
}

std::optional<Access> compose(const Access& outer, const Access& inner) {
  const std::vector<int64_t> bounds = bounds_of(inner, [](const Axis& axis) { return axis.extent; });
  std::vector<Axis> result;
  for (const Axis& axis : outer) {
    if (axis.stride == 0) {
      result.push_back(axis);
      continue;
    }
    // The loop's steps, taken apart along the inner loops that they run through, innermost first.
    std::vector<Axis> pieces;
    Axis rest = axis;
    for (std::size_t k = 0; k < inner.size() && rest.extent > 1; ++k) {
      const Axis& loop = inner[inner.size() - 1 - k];
      if (rest.stride >= bounds[k + 1]) continue;
      if (rest.stride % bounds[k] != 0) return std::nullopt;
      const int64_t step = rest.stride / bounds[k];
      if (loop.extent % step != 0) return std::nullopt;
      const int64_t steps = std::min(rest.extent, loop.extent / step);
      if (rest.extent % steps != 0) return std::nullopt;
      pieces.push_back({steps, step * loop.stride});
      rest = {rest.extent / steps, bounds[k + 1]};
    }
    DUEL_CHECK(rest.extent == 1, "a loop of {} steps of {} leaves its space", axis.extent, axis.stride);
    result.insert(result.end(), pieces.rbegin(), pieces.rend());
  }
  return canonical(result);
}

std::optional<Loops> refine(const Loops& loops, const Access& access) {
  const std::vector<int64_t> first = bounds_of(loops, [](int64_t extent) { return extent; });
  const std::vector<int64_t> second = bounds_of(access, [](const Axis& axis) { return axis.extent; });
  DUEL_CHECK(first.back() == second.back(), "loops over {} elements meet a pattern of {}", first.back(), second.back());
  std::vector<int64_t> bounds;
  std::ranges::set_union(first, second, std::back_inserter(bounds));
  Loops refined;
  for (std::size_t i = bounds.size(); i-- > 1;) {
    if (bounds[i] % bounds[i - 1] != 0) return std::nullopt;
    refined.push_back(bounds[i] / bounds[i - 1]);
  }
  return refined;
}

std::vector<int64_t> strides_along(const Loops& loops, const Access& access) {
  std::vector<int64_t> strides(loops.size());
  std::size_t axis = access.size();
  int64_t rest = 1;    // of the present axis' extent
  int64_t stride = 0;  // of the next loop
  for (std::size_t i = loops.size(); i-- > 0;) {
    if (loops[i] == 1) continue;
    if (rest == 1) {
      DUEL_CHECK(axis > 0, "a pattern ends before the loops do");
      --axis;
      rest = access[axis].extent;
      stride = access[axis].stride;
    }
    DUEL_CHECK(rest % loops[i] == 0, "a loop of {} steps crosses an axis", loops[i]);
    strides[i] = stride;
    stride *= loops[i];
    rest /= loops[i];
  }
  return strides;
}

}  // namespace duel
