#include "plugins/initializers/draws.hpp"

#include <cmath>

namespace duel {

void fill_truncated_normal(std::span<double> values, double mean, double sigma, RandomStream& random) {
  for (double& value : values) {
    double draw = random.normal();
    while (std::abs(draw) > 2) draw = random.normal();
    value = mean + sigma * draw;
  }
}

void fill_normal(std::span<double> values, double mean, double sigma, RandomStream& random) {
  for (double& value : values) value = mean + sigma * random.normal();
}

void fill_uniform(std::span<double> values, double low, double high, RandomStream& random) {
  for (double& value : values) value = random.uniform(low, high);
}

}  // namespace duel
