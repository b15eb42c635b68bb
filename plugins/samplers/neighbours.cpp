#include "plugins/samplers/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plugins/samplers/grid.hpp"

namespace duel {
namespace {

std::span<const double> row_of(const HostTensor& images, std::size_t i) {
  const auto size = static_cast<std::size_t>(images.shape.without_first().elements());
  return std::span(images.values).subspan(i * size, size);
}

double squared_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::isfinite(sum) ? sum : std::numeric_limits<double>::infinity();
}

// The places of the `count` references nearest to `sample`, nearest first.
std::vector<std::size_t> nearest_of(std::span<const double> sample, const HostTensor& references, std::size_t count) {
  std::vector<double> distances(static_cast<std::size_t>(references.shape[0]));
  for (std::size_t i = 0; i < distances.size(); ++i) distances[i] = squared_distance(sample, row_of(references, i));
  std::vector<std::size_t> order(distances.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return distances[i]; });
  order.resize(count);
  return order;
}

}  // namespace

void NeighboursPlot::check(const Shape& samples, const Shape* reference) const {
  GridPlot().check(samples, reference);
  if (reference == nullptr) {
    throw ShapeError("neighbours: without `reference` there is nothing to search; write reference: data.image");
  }
  if ((*reference)[0] < nearest) {
    throw ShapeError(
        fmt::format("neighbours: the {} nearest are asked for, of {} references; make reference_count greater", nearest,
                    (*reference)[0]));
  }
}

Picture NeighboursPlot::render(const HostTensor& samples, const HostTensor* reference, const SampleStyle& style) const {
  check(samples.shape, reference != nullptr ? &reference->shape : nullptr);
  // Two grids side by side: the samples in one column, and their neighbours in lines of `nearest`.
  HostTensor neighbours{reference->shape, {}};
  neighbours.shape[0] = samples.shape[0] * nearest;
  for (std::size_t i = 0; i < static_cast<std::size_t>(samples.shape[0]); ++i) {
    for (const std::size_t place : nearest_of(row_of(samples, i), *reference, static_cast<std::size_t>(nearest))) {
      const auto row = row_of(*reference, place);
      neighbours.values.insert(neighbours.values.end(), row.begin(), row.end());
    }
  }
  return side_by_side({samples, 1}, {neighbours, nearest}, style);
}

void NeighboursPlot::declare(Declaration<NeighboursPlot>& d) {
  d.help("generated images, each beside the real ones of `reference` that are nearest to it pixel by pixel");
  d.parameter("nearest", &NeighboursPlot::nearest, "how many real ones beside each").main().min(1).max(64);
}

}  // namespace duel
