#include "search/parzen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace duel {
namespace {

constexpr double prior_weight = 1;
constexpr std::size_t newest_in_full = 25;  // observations that count in full; older ones count less and less

// One weight an observation, oldest first: 1 up to 25 of them; beyond, a ramp from 1/n to 1 before the newest 25.
std::vector<double> observation_weights(std::size_t count) {
  std::vector<double> weights(count, 1);
  if (count <= newest_in_full) return weights;
  const std::size_t ramp = count - newest_in_full;
  const double first = 1 / static_cast<double>(count);
  for (std::size_t i = 0; i < ramp; ++i) {
    const double way = ramp == 1 ? 0 : static_cast<double>(i) / static_cast<double>(ramp - 1);
    weights[i] = first + (1 - first) * way;
  }
  return weights;
}

// The larger of the distances of each mean to its neighbours; at the ends there is one neighbour. The prior's mean is
// one of the neighbours. Kept between the width of the axis and a share of it that falls with the observations.
std::vector<double> bandwidths(std::span<const double> means, const Distribution::Axis& axis) {
  std::vector<double> sorted(means.begin(), means.end());
  const double width = axis.high - axis.low;
  const double least = width / std::min(100.0, 2.0 + static_cast<double>(means.size()));
  sorted.push_back((axis.low + axis.high) / 2);
  std::vector<std::size_t> order(sorted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return sorted[i]; });
  std::vector<double> out(means.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t i = order[place];
    if (i == means.size()) continue;  // the prior
    double distance = 0;
    if (place > 0) distance = std::max(distance, sorted[i] - sorted[order[place - 1]]);
    if (place + 1 < order.size()) distance = std::max(distance, sorted[order[place + 1]] - sorted[i]);
    out[i] = std::clamp(distance, least, width);
  }
  return out;
}

// Share of a normal distribution between two ends, without loss in its tails.
double normal_share(double low, double high) {
  return low > 0 ? normal_cdf(-low) - normal_cdf(-high) : normal_cdf(high) - normal_cdf(low);
}

}  // namespace

ParzenEstimator::ParzenEstimator(const Distribution& distribution, std::span<const double> values)
    : distribution_(distribution), weights_(observation_weights(values.size())) {
  weights_.push_back(prior_weight);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& weight : weights_) weight /= sum;
  if (distribution.is_categorical()) {
    const double components = static_cast<double>(values.size()) + 1;
    const double count = static_cast<double>(distribution.values.size());
    for (std::size_t component = 0; component <= values.size(); ++component) {
      std::vector<double> row;
      for (const double share : distribution.probabilities) row.push_back(share * count * prior_weight / components);
      if (component < values.size()) row.at(static_cast<std::size_t>(values[component])) += 1;
      const double total = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& share : row) share /= total;
      shares_.push_back(std::move(row));
    }
    return;
  }
  const Distribution::Axis axis = distribution.axis();
  for (const double value : values) means_.push_back(distribution.to_axis(value));
  deviations_ = bandwidths(means_, axis);
  means_.push_back((axis.low + axis.high) / 2);
  deviations_.push_back(axis.high - axis.low);
}

double ParzenEstimator::sample(RandomStream& stream) const {
  double share = stream.uniform();
  std::size_t component = 0;
  while (component + 1 < weights_.size() && share >= weights_[component]) share -= weights_[component++];
  const double place = (static_cast<double>(stream.bits()) + 0.5) / 4294967296.0;
  if (distribution_.is_categorical()) {
    double below = 0;
    const std::vector<double>& row = shares_[component];
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      below += row[i];
      if (place < below) return static_cast<double>(i);
    }
    return static_cast<double>(row.size() - 1);
  }
  const Distribution::Axis axis = distribution_.axis();
  const double mean = means_[component], deviation = deviations_[component];
  if (deviation == 0) return distribution_.from_axis(mean);
  const double low = normal_cdf((axis.low - mean) / deviation);
  const double high = normal_cdf((axis.high - mean) / deviation);
  const double position = mean + deviation * normal_quantile(low + place * (high - low));
  return distribution_.from_axis(std::clamp(position, axis.low, axis.high));
}

double ParzenEstimator::log_density_of_component(std::size_t component, double value) const {
  if (distribution_.is_categorical()) return std::log(shares_[component].at(static_cast<std::size_t>(value)));
  const double mean = means_[component], deviation = deviations_[component];
  if (deviation == 0) return 0;  // a range of one value
  const auto standard = [&](double position) { return (position - mean) / deviation; };
  const Distribution::Axis axis = distribution_.axis();
  const double whole = std::log(normal_share(standard(axis.low), standard(axis.high)));
  if (distribution_.step > 0 && !distribution_.is_normal()) {
    const Distribution::Axis cell = distribution_.cell(value);
    return std::log(normal_share(standard(cell.low), standard(cell.high))) - whole;
  }
  const double distance = standard(distribution_.to_axis(value));
  return -distance * distance / 2 - std::log(deviation * std::sqrt(2 * std::numbers::pi)) - whole;
}

double ParzenEstimator::log_density(double value) const {
  std::vector<double> terms;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    terms.push_back(std::log(weights_[i]) + log_density_of_component(i, value));
  }
  const double largest = *std::ranges::max_element(terms);
  if (largest == -std::numeric_limits<double>::infinity()) return largest;
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - largest);
  return largest + std::log(sum);
}

}  // namespace duel
