// How readers of data files say what is wrong: always UserError(ExitCode::data), one line that names the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace duel {

// "FILE: what; remedy"
[[noreturn]] void fail_data(const std::filesystem::path& file, const std::string& what, const std::string& remedy = {});
// "FILE:line:column: what; remedy", both counted from 1.
[[noreturn]] void fail_data(const std::filesystem::path& file, int line, int column, const std::string& what,
                            const std::string& remedy = {});

// The product of extents that a file claims, or nothing when one is negative or the product does not fit 63 bits.
std::optional<int64_t> checked_product(std::span<const int64_t> extents);

// "60000 × 28 × 28": extents for messages.
std::string extents_text(std::span<const int64_t> extents);

}  // namespace duel
