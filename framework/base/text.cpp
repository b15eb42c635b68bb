#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace duel {
namespace {

constexpr std::size_t few_candidates = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_sign(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text;
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

// 0777 is octal to some readers and decimal to others: nobody should have to guess.
bool has_leading_zero(std::string_view digits) { return digits.size() > 1 && digits[0] == '0'; }

bool looks_like_float(std::string_view text) {
  text = take_sign(text);
  const std::string_view whole = take_digits(text);
  if (has_leading_zero(whole)) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    if (take_digits(text).empty() && whole.empty()) return false;
  } else if (whole.empty()) {
    return false;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    text = take_sign(text);
    if (take_digits(text).empty()) return false;
  }
  return text.empty();
}

// from_chars knows no leading plus.
template <class Number>
std::optional<Number> converted(std::string_view text) {
  if (text[0] == '+') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Damerau-Levenshtein distance in its optimal-string-alignment form: insert, delete, replace, swap neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// Length of the well-formed UTF-8 sequence at the beginning of text (Unicode 15, table 3-7), or 0.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto within = [&](std::size_t i, unsigned first, unsigned last) { return byte(i) >= first && byte(i) <= last; };
  const auto tail = [&](std::size_t i) { return within(i, 0x80, 0xbf); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = within(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = within(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  std::string_view rest = take_sign(text);
  const std::string_view digits = take_digits(rest);
  if (digits.empty() || !rest.empty() || has_leading_zero(digits)) return std::nullopt;
  return converted<int64_t>(text);
}

std::optional<double> parse_float(std::string_view text) {
  if (!looks_like_float(text)) return std::nullopt;
  return converted<double>(text);
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::string format_number(double value) { return fmt::format("{}", value); }

std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates) {
  const std::string folded = lower(word);
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), folded.size());
    if (longer - std::min(candidate.size(), folded.size()) >= best) continue;
    const std::size_t distance = edit_distance(folded, lower(candidate));
    if (distance >= best) continue;
    best = distance;
    nearest = &candidate;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  if (const auto nearest = nearest_word(word, candidates)) return fmt::format("did you mean '{}'?", *nearest);
  if (candidates.empty() || candidates.size() > few_candidates) return {};
  return fmt::format("one of: {}", fmt::join(candidates, ", "));
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view part = text.substr(begin, end - begin);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    parts.emplace_back(part.substr(0, part.find_last_not_of(' ') + 1));
    begin = end + 1;
  }
  return parts;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

bool valid_utf8(std::string_view text) { return !first_invalid_utf8(text).has_value(); }

std::string format_bytes(uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1023.995 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.2f} {}", value, units[unit]);
}

std::string format_duration(double seconds) {
  if (seconds < 0.0995) return fmt::format("{:.2g} ms", seconds * 1e3);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789.eE+");
  const auto count = parse_float(text.substr(0, std::min(end, text.find(' '))));
  std::string_view unit = end == std::string_view::npos ? "" : text.substr(end);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const int shift = unit.empty() ? 0 : unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : -1;
  if (!count || shift < 0 || *count <= 0) return std::nullopt;
  const double bytes = *count * static_cast<double>(int64_t{1} << shift);
  return bytes < 9e18 ? std::optional(static_cast<int64_t>(bytes)) : std::nullopt;
}

}  // namespace duel
