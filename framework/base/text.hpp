// Small text tools that several rooms need. Nothing here depends on the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duel {

// Decimal integers and finite floats as YAML 1.2's core schema has them (no octal, no hex, no inf or nan); leading
// zeros, which some readers take for octal, are refused. The whole text must be the number. 1e-4 is a float;
// parse_float accepts integers too; parse_integer refuses "1.0".
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<double> parse_float(std::string_view text);
std::optional<bool> parse_bool(std::string_view text);  // true | false only

// Shortest text that parses back to the same double.
std::string format_number(double value);

// The candidate nearest to `word` (Damerau-Levenshtein ≤ max(1, length/3), the case of letters ignored), or none.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates);
// "did you mean 'kernel'?" or, with nothing near and few candidates, "one of: a, b, c"; else "".
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

// "a, b" → a and b, without the spaces around them; parts between may be empty: "a," → a and "". Nothing of "".
std::vector<std::string> split_at_commas(std::string_view text);

bool valid_utf8(std::string_view text);
// The offset of the first byte that does not belong to well-formed UTF-8, or none.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);
// "512 MiB", "4GiB", "1000000" → bytes > 0.
std::optional<int64_t> parse_bytes(std::string_view text);
// 1234567 → "1.18 MiB"
std::string format_bytes(uint64_t bytes);
// Seconds → "3 h 12 min", "41 s", "0.3 s"
std::string format_duration(double seconds);

}  // namespace duel
