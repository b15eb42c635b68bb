#include "data/errors.hpp"

#include <fmt/ranges.h>

#include "base/error.hpp"

namespace duel {

void fail_data(const std::filesystem::path& file, const std::string& what, const std::string& remedy) {
  fail_data(file, 0, 0, what, remedy);
}

void fail_data(const std::filesystem::path& file, int line, int column, const std::string& what,
               const std::string& remedy) {
  throw UserError(ExitCode::data, Problem{{file.string(), line, column}, {}, what, remedy, {}});
}

std::optional<int64_t> checked_product(std::span<const int64_t> extents) {
  int64_t product = 1;
  for (const int64_t extent : extents) {
    if (extent < 0 || __builtin_mul_overflow(product, extent, &product)) return std::nullopt;
  }
  return product;
}

std::string extents_text(std::span<const int64_t> extents) { return fmt::format("{}", fmt::join(extents, " × ")); }

}  // namespace duel
