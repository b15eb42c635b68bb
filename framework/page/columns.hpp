// Columns of numbers for a page: one block of bytes, deflated (zlib) and written in base64, that the browser unpacks by
// itself. The JSON beside it says where each column lies: [kind, offset in bytes, length].
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duel {

// One thread. Numbers are little-endian, as all browsers' machines are.
class Columns {
 public:
  // float32. What is too large for it becomes infinite.
  nlohmann::json add_numbers(std::span<const double> values);
  // Rises of uint32 from one to the next, the first from 0: for counts that never fall. Deflating makes little of them.
  nlohmann::json add_indices(std::span<const uint32_t> values);
  // Rises of float64: exact for steps up to 2⁵³.
  nlohmann::json add_steps(std::span<const int64_t> values);

  std::string packed() const;

 private:
  template <class T>
  nlohmann::json append(std::string_view kind, const std::vector<T>& values);

  std::vector<std::byte> bytes_;
};

std::string base64(std::span<const std::byte> bytes);

}  // namespace duel
