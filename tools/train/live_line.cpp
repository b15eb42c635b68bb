#include "tools/train/live_line.hpp"

namespace duel {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += starts_character(c) ? 1 : 0;
  return count;
}

std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size() && (count > 0 || !starts_character(text[end])); ++end) {
    if (starts_character(text[end])) --count;
  }
  return text.substr(0, end);
}

std::string with_metrics(const std::string& head, std::span<const std::string> metrics, std::size_t count,
                         const std::string& tail) {
  std::string text = head;
  for (const std::string& metric : metrics.first(count)) text += "  " + metric;
  if (count < metrics.size()) text += "  …";
  return text + "  " + tail;
}

}  // namespace

std::string live_line(const std::string& head, std::span<const std::string> metrics, const std::string& tail,
                      std::size_t width) {
  for (std::size_t count = metrics.size();; --count) {
    const std::string text = with_metrics(head, metrics, count, tail);
    if (characters(text) <= width) return text;
    if (count == 0) return first_characters(head + "  " + tail, width);
  }
}

}  // namespace duel
