#include "tools/doctor/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace duel {
namespace {

constexpr std::array<std::string_view, 9> eighths{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr int lines = 6;
constexpr double wide = 1000;  // how many times the least value the greatest is on a logarithmic axis

// The mean of each column; NaN where it has none.
std::vector<double> means_of(const Curve& curve, std::size_t columns) {
  const int64_t first = curve.steps.front(), span = curve.steps.back() - first + 1;
  columns = std::min(columns, static_cast<std::size_t>(span));
  std::vector<double> sums(columns), counts(columns);
  for (std::size_t i = 0; i < curve.steps.size(); ++i) {
    if (!std::isfinite(curve.values[i])) continue;
    const auto column = static_cast<std::size_t>((curve.steps[i] - first) * static_cast<int64_t>(columns) / span);
    sums[column] += curve.values[i];
    counts[column] += 1;
  }
  for (std::size_t i = 0; i < columns; ++i) sums[i] /= counts[i];  // 0/0 is NaN
  return sums;
}

}  // namespace

std::string draw(const Curve& curve, const std::string& indent, std::size_t columns) {
  if (curve.steps.empty()) return "";
  std::vector<double> heights = means_of(curve, columns);
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const double value : heights) {
    if (std::isnan(value)) continue;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  if (least > greatest) return "";
  const std::array labels{fmt::format("{:.4g}", greatest), fmt::format("{:.4g}", least)};
  const bool logarithmic = least > 0 && greatest >= wide * least;
  const auto scaled = [&](double value) { return logarithmic ? std::log(value) : value; };
  const double low = scaled(least), span = std::max(scaled(greatest) - low, std::numeric_limits<double>::min());
  const std::size_t width = std::max(labels[0].size(), labels[1].size());
  std::string out;
  for (int line = lines - 1; line >= 0; --line) {
    const std::string_view label = line == lines - 1 ? labels[0] : line == 0 ? labels[1] : std::string_view();
    out += fmt::format("{}{:>{}} |", indent, label, width);
    std::string bars;
    for (const double value : heights) {
      // The least value is one eighth high, so that it is seen.
      const double height = std::isnan(value) ? 0 : 1 + (scaled(value) - low) / span * (8 * lines - 1);
      bars += eighths[static_cast<std::size_t>(std::clamp(std::lround(height) - 8 * line, 0L, 8L))];
    }
    bars.erase(bars.find_last_not_of(' ') + 1);
    out += bars + "\n";
  }
  const std::string last = std::to_string(curve.steps.back());
  const std::string axis = fmt::format("step {}", curve.steps.front());
  const std::size_t gap = heights.size() > axis.size() + last.size() ? heights.size() - axis.size() - last.size() : 1;
  return out + fmt::format("{}{:>{}}  {}{}{}{}\n", indent, "", width, axis, std::string(gap, ' '), last,
                           logarithmic ? "  (logarithmic)" : "");
}

}  // namespace duel
