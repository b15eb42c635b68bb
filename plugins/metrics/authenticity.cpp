#include "plugins/metrics/authenticity.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/parallel.hpp"
#include "plugins/metrics/row_block.hpp"
#include "plugins/metrics/share.hpp"

namespace duel {
namespace {

struct Neighbour {
  int64_t row = -1;
  double distance = std::numeric_limits<double>::infinity();  // squared
};

// Of each listed row of a side, the nearest row of the reals: but itself, where the side is the reals.
std::vector<Neighbour> nearest_reals(const FeatureMatrix& side, const std::vector<int64_t>& rows,
                                     const FeatureMatrix& real, bool but_itself) {
  const RowBlocks blocks(std::ssize(rows), side.width()), real_blocks(real.count(), real.width());
  std::vector<Neighbour> nearest(rows.size());
  for_tiles(blocks.size(), [&](int64_t tile) {
    const RowBlock block(side, blocks[tile], [&](int64_t i) { return rows[static_cast<std::size_t>(i)]; });
    std::vector<double> distances;
    for (int64_t other = 0; other < real_blocks.size(); ++other) {
      const RowBlock others(real, real_blocks[other]);
      squared_distances(block, others, distances);
      const double* distance = distances.data();
      const auto begin = static_cast<std::size_t>(block.range().begin);
      for (std::size_t i = begin; i < begin + static_cast<std::size_t>(block.range().rows); ++i) {
        for (int64_t row = others.range().begin; row < others.range().begin + others.range().rows; ++row) {
          const double d = *distance++;
          if (d < nearest[i].distance && !(but_itself && row == rows[i])) nearest[i] = {row, d};
        }
      }
    }
  });
  return nearest;
}

}  // namespace

std::vector<EvaluationRecord> Authenticity::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  real.require_rows(2, "authenticity");
  std::vector<int64_t> fakes(static_cast<std::size_t>(fake.count()));
  std::iota(fakes.begin(), fakes.end(), int64_t{0});
  const std::vector<Neighbour> nearest = nearest_reals(fake, fakes, real, false);
  // Only reals that are nearest to some fake need a neighbour of their own: of a large training set, few.
  std::vector<int64_t> reals;
  reals.reserve(nearest.size());
  for (const Neighbour& neighbour : nearest) reals.push_back(neighbour.row);
  std::ranges::sort(reals);
  reals.erase(std::unique(reals.begin(), reals.end()), reals.end());
  const std::vector<Neighbour> others = nearest_reals(real, reals, real, true);
  int64_t authentic = 0;
  for (const Neighbour& neighbour : nearest) {
    const auto place = std::ranges::lower_bound(reals, neighbour.row) - reals.begin();
    authentic += neighbour.distance > others[static_cast<std::size_t>(place)].distance;
  }
  EvaluationRecord record = share_record("authenticity", authentic, fake.count());
  const auto twins = std::ranges::count_if(others, [](const Neighbour& other) { return other.distance == 0; });
  if (twins > 0) {
    record.warnings.push_back(fmt::format(
        "{} of the reals next to fakes are there more than once: all fakes beside them but copies count as authentic",
        twins));
  }
  return {record};
}

void Authenticity::declare(Declaration<Authenticity>& d) {
  d.help("share of the fakes farther from their nearest real than it is from the next; give the training set as reals");
  d.reference(
      "Alaa et al., How faithful is your synthetic data? Sample-level metrics for evaluating and auditing generative "
      "models (2022)");
}

}  // namespace duel
