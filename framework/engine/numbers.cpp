#include "engine/numbers.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace duel {

std::vector<double> read_numbers(const Slot& slot, const std::byte* memory) {
  const auto elements = static_cast<std::size_t>(slot.shape.elements());
  std::vector<double> values(elements);
  if (slot.dtype == DType::float64) {
    std::copy_n(reinterpret_cast<const double*>(memory), elements, values.begin());
  } else {
    std::copy_n(reinterpret_cast<const float*>(memory), elements, values.begin());
  }
  return values;
}

void write_numbers(const Slot& slot, std::byte* memory, std::span<const double> values) {
  DUEL_CHECK(values.size() == static_cast<std::size_t>(slot.shape.elements()), "'{}' of shape {} is given {} values",
             slot.name, to_string(slot.shape), values.size());
  if (slot.dtype == DType::float64) {
    std::ranges::copy(values, reinterpret_cast<double*>(memory));
  } else {
    std::ranges::transform(values, reinterpret_cast<float*>(memory),
                           [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace duel
