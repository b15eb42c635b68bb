#include "ops/taps.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "ops/window.hpp"

namespace duel {
namespace {

// The weights of one output, by input.
using SparseRow = std::map<int64_t, double>;

Taps from_rows(int64_t inputs, std::span<const SparseRow> rows) {
  Taps taps{.inputs = inputs, .starts = {0}, .index = {}, .weight = {}};
  for (const SparseRow& row : rows) {
    for (const auto& [input, weight] : row) {
      if (weight == 0) continue;
      taps.index.push_back(input);
      taps.weight.push_back(weight);
    }
    taps.starts.push_back(static_cast<int64_t>(taps.index.size()));
  }
  return taps;
}

double half_width(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::area:
      return 0.5;
    case ResizeFilter::linear:
      return 1;
    case ResizeFilter::cubic:
      return 2;
  }
  fail_check(__FILE__, __LINE__, "filter", "a filter that does not exist");
}

double filter_value(const Resizing& how, double distance) {
  // Half open: a centre on the border of two outputs is one output's, but for rounding.
  if (how.filter == ResizeFilter::area) return distance > -0.5 && distance <= 0.5 ? 1 : 0;
  const double x = std::abs(distance);
  if (how.filter == ResizeFilter::linear) return std::max(0.0, 1 - x);
  const double a = how.cubic_slope;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

// The element that stands at `at`, which may lie beyond the edges; none for a zero.
std::optional<int64_t> bordered(int64_t at, int64_t inputs, Border border) {
  if (at >= 0 && at < inputs) return at;
  if (border == Border::zero) return std::nullopt;
  if (border == Border::repeat) return std::clamp<int64_t>(at, 0, inputs - 1);
  const int64_t mirrored = at < 0 ? -at : 2 * (inputs - 1) - at;
  DUEL_CHECK(mirrored >= 0 && mirrored < inputs, "element {} of {} has no reflection", at, inputs);
  return mirrored;
}

}  // namespace

Taps transposed(const Taps& taps) {
  Taps result{.inputs = taps.outputs(), .starts = {}, .index = {}, .weight = {}};
  result.starts.assign(static_cast<std::size_t>(taps.inputs) + 1, 0);
  for (const int64_t input : taps.index) ++result.starts[static_cast<std::size_t>(input) + 1];
  for (std::size_t i = 1; i < result.starts.size(); ++i) result.starts[i] += result.starts[i - 1];
  result.index.resize(taps.index.size());
  result.weight.resize(taps.weight.size());
  std::vector<int64_t> next(result.starts.begin(), result.starts.end() - 1);
  for (int64_t row = 0; row < taps.outputs(); ++row) {
    for (int64_t t = taps.starts[static_cast<std::size_t>(row)]; t < taps.starts[static_cast<std::size_t>(row) + 1];
         ++t) {
      const auto to =
          static_cast<std::size_t>(next[static_cast<std::size_t>(taps.index[static_cast<std::size_t>(t)])]++);
      result.index[to] = row;
      result.weight[to] = taps.weight[static_cast<std::size_t>(t)];
    }
  }
  return result;
}

Taps resizing_taps(int64_t inputs, int64_t outputs, const Resizing& how) {
  const AxisPart part = how.part.value_or(AxisPart{0, static_cast<double>(inputs)});
  DUEL_CHECK(outputs >= 1 && part.begin >= 0 && part.begin < part.end && part.end <= static_cast<double>(inputs),
             "{} … {} of {} elements cannot become {}", part.begin, part.end, inputs, outputs);
  const double scale = (part.end - part.begin) / static_cast<double>(outputs);
  const double width = how.antialias ? std::max(1.0, scale) : 1.0;
  const double reach = width * half_width(how.filter);
  std::vector<SparseRow> rows(static_cast<std::size_t>(outputs));
  for (int64_t i = 0; i < outputs; ++i) {
    SparseRow& row = rows[static_cast<std::size_t>(i)];
    const double centre = part.begin + (static_cast<double>(i) + 0.5) * scale;
    const int64_t end = std::lround(centre + reach);
    double total = 0;
    for (int64_t at = std::lround(centre - reach); at < end; ++at) {
      const bool beyond = at < 0 || at >= inputs;
      if (beyond && how.edge == FilterEdge::renormalize) continue;
      const double weight = filter_value(how, (static_cast<double>(at) - (centre - 0.5)) / width);
      row[std::clamp<int64_t>(at, 0, inputs - 1)] += weight;
      total += weight;
    }
    for (auto& [input, weight] : row) weight /= total;
  }
  return from_rows(inputs, rows);
}

Taps strided_taps(int64_t inputs, int64_t step) {
  std::vector<SparseRow> rows;
  for (int64_t at = 0; at < inputs; at += step) rows.push_back({{at, 1.0}});
  return from_rows(inputs, rows);
}

Taps average_taps(int64_t inputs, int64_t kernel, int64_t stride, int64_t before, int64_t after, bool count_padding) {
  const int64_t outputs = positions(inputs, kernel, stride, 1, before, after);
  DUEL_CHECK(outputs >= 1, "a window of {} does not fit {} elements", kernel, inputs);
  std::vector<SparseRow> rows(static_cast<std::size_t>(outputs));
  for (int64_t i = 0; i < outputs; ++i) {
    const int64_t first = std::max<int64_t>(0, i * stride - before);
    const int64_t last = std::min(inputs, i * stride - before + kernel);
    const int64_t count = count_padding ? kernel : last - first;
    for (int64_t at = first; at < last; ++at) {
      rows[static_cast<std::size_t>(i)][at] = 1 / static_cast<double>(count);
    }
  }
  return from_rows(inputs, rows);
}

Taps border_taps(int64_t inputs, int64_t before, int64_t after, Border border) {
  std::vector<SparseRow> rows;
  for (int64_t at = -before; at < inputs + after; ++at) {
    const auto source = bordered(at, inputs, border);
    rows.push_back(source ? SparseRow{{*source, 1.0}} : SparseRow{});
  }
  return from_rows(inputs, rows);
}

Taps filter_taps(int64_t inputs, std::span<const double> weights, int64_t stride, Border border) {
  const int64_t before = (static_cast<int64_t>(weights.size()) - 1) / 2;
  std::vector<SparseRow> rows;
  for (int64_t i = 0; i < inputs; i += stride) {
    SparseRow row;
    for (std::size_t t = 0; t < weights.size(); ++t) {
      const auto source = bordered(i + static_cast<int64_t>(t) - before, inputs, border);
      if (source) row[*source] += weights[t];
    }
    rows.push_back(std::move(row));
  }
  return from_rows(inputs, rows);
}

}  // namespace duel
