#include "plugins/metrics/prdc.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

#include "base/parallel.hpp"
#include "plugins/metrics/row_block.hpp"

namespace duel {
namespace {

constexpr int64_t default_k_of_precision = 3;
constexpr int64_t default_k_of_density = 5;

// Squared distances of each row to its k-th neighbour but itself, for two k.
struct Radii {
  std::vector<double> precision;
  std::vector<double> density;
};

// The least values seen, in order.
class Least {
 public:
  explicit Least(int64_t count) : values_(static_cast<std::size_t>(count), std::numeric_limits<double>::infinity()) {}
  void see(double value) {
    if (!(value < values_.back())) return;
    const auto place = std::ranges::upper_bound(values_, value);
    std::copy_backward(place, values_.end() - 1, values_.end());
    *place = value;
  }
  double operator[](int64_t rank) const { return values_[static_cast<std::size_t>(rank)]; }

 private:
  std::vector<double> values_;
};

Radii radii_of(const FeatureMatrix& side, int64_t k_of_precision, int64_t k_of_density) {
  Radii radii;
  radii.precision.resize(static_cast<std::size_t>(side.count()));
  radii.density.resize(radii.precision.size());
  const RowBlocks blocks(side.count(), side.width());
  for_tiles(blocks.size(), [&](int64_t tile) {
    const RowBlock rows(side, blocks[tile]);
    std::vector<Least> nearest(static_cast<std::size_t>(rows.range().rows),
                               Least(std::max(k_of_precision, k_of_density)));
    std::vector<double> distances;
    for (int64_t block = 0; block < blocks.size(); ++block) {
      const RowBlock others(side, blocks[block]);
      squared_distances(rows, others, distances);
      const double* distance = distances.data();
      for (std::size_t i = 0; i < nearest.size(); ++i) {
        for (int64_t j = 0; j < others.range().rows; ++j, ++distance) {
          const bool itself = block == tile && j == static_cast<int64_t>(i);
          if (!itself) nearest[i].see(*distance);
        }
      }
    }
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      const auto row = static_cast<std::size_t>(rows.range().begin) + i;
      radii.precision[row] = nearest[i][k_of_precision - 1];
      radii.density[row] = nearest[i][k_of_density - 1];
    }
  });
  return radii;
}

struct Counts {
  std::vector<uint8_t> precise;            // of fakes
  std::vector<int64_t> balls;              // of reals that hold the fake
  std::vector<uint8_t> recalled, covered;  // of reals
};

// Sets a flag that other threads may set at the same time; none clears it.
void raise(uint8_t& flag) { std::atomic_ref(flag).store(1, std::memory_order_relaxed); }

Counts count_balls(const FeatureMatrix& real, const FeatureMatrix& fake, const Radii& real_radii,
                   const Radii& fake_radii) {
  const auto reals = static_cast<std::size_t>(real.count()), fakes = static_cast<std::size_t>(fake.count());
  Counts counts{std::vector<uint8_t>(fakes), std::vector<int64_t>(fakes), std::vector<uint8_t>(reals),
                std::vector<uint8_t>(reals)};
  const RowBlocks fake_blocks(fake.count(), fake.width()), real_blocks(real.count(), real.width());
  for_tiles(fake_blocks.size(), [&](int64_t tile) {
    const RowBlock rows(fake, fake_blocks[tile]);
    std::vector<double> distances;
    for (int64_t block = 0; block < real_blocks.size(); ++block) {
      const RowBlock others(real, real_blocks[block]);
      squared_distances(rows, others, distances);
      const double* at = distances.data();
      for (int64_t i = 0; i < rows.range().rows; ++i) {
        const auto f = static_cast<std::size_t>(rows.range().begin + i);
        for (int64_t j = 0; j < others.range().rows; ++j) {
          const auto r = static_cast<std::size_t>(others.range().begin + j);
          const double distance = *at++;
          // A copy of a ball's k-th neighbour lies on its border.
          const double rounding = rounding_of(distance, rows, i, others, j);
          if (distance <= real_radii.precision[r] + rounding) counts.precise[f] = 1;
          if (distance <= fake_radii.precision[f] + rounding) raise(counts.recalled[r]);
          if (distance < real_radii.density[r] - rounding) {
            ++counts.balls[f];
            raise(counts.covered[r]);
          }
        }
      }
    }
  });
  return counts;
}

template <class Number>
double mean_of_numbers(const std::vector<Number>& values) {
  int64_t sum = 0;
  for (const Number value : values) sum += value;
  return static_cast<double>(sum) / static_cast<double>(values.size());
}

EvaluationRecord prdc_record(const std::string& metric, double value, int64_t k) {
  EvaluationRecord record;
  record.metric = metric;
  record.value = value;
  record.protocol.parameters = {{"k", std::to_string(k)}};
  return record;
}

}  // namespace

MetricNeeds Prdc::needs() const { return {.least_examples = largest_k() + 1}; }

int64_t Prdc::largest_k() const { return k.value_or(std::max(default_k_of_precision, default_k_of_density)); }

std::vector<EvaluationRecord> Prdc::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  const int64_t k_of_precision = k.value_or(default_k_of_precision), k_of_density = k.value_or(default_k_of_density);
  for (const FeatureMatrix* side : {&real, &fake}) {
    side->require_rows(largest_k() + 1, fmt::format("prdc with k = {}", largest_k()));
  }
  const Radii real_radii = radii_of(real, k_of_precision, k_of_density);
  const Radii fake_radii = radii_of(fake, k_of_precision, k_of_density);
  const Counts counts = count_balls(real, fake, real_radii, fake_radii);
  return {prdc_record("precision", mean_of_numbers(counts.precise), k_of_precision),
          prdc_record("recall", mean_of_numbers(counts.recalled), k_of_precision),
          prdc_record("density", mean_of_numbers(counts.balls) / static_cast<double>(k_of_density), k_of_density),
          prdc_record("coverage", mean_of_numbers(counts.covered), k_of_density)};
}

void Prdc::declare(Declaration<Prdc>& d) {
  d.help("precision, recall, density and coverage by balls to the k-th neighbour; four records");
  d.reference(
      "Kynkäänniemi et al., Improved precision and recall metric for assessing generative models (2019); Naeem et al., "
      "Reliable fidelity and diversity metrics for generative models (2020)");
  d.parameter("k", &Prdc::k,
              "neighbour of all four; 3 for precision and recall and 5 for density and coverage if not given")
      .min(1)
      .max(10000);
}

}  // namespace duel
