#include "plugins/metrics/fid.hpp"

#include "base/parallel.hpp"
#include "plugins/metrics/frechet.hpp"

namespace duel {

std::vector<EvaluationRecord> Fid::evaluate(const EvaluationInput& input) const {
  std::array<std::optional<Gaussian>, 2> sides;
  for_tiles(2, [&](int64_t side) {
    sides[static_cast<std::size_t>(side)].emplace(side == 0 ? *input.real.statistics : *input.fake.statistics);
  });
  EvaluationRecord record;
  record.metric = "fid";
  record.value = frechet_distance(*sides[0], *sides[1]);
  const bool of_reals = sides[0]->rank_deficient(), of_fakes = sides[1]->rank_deficient();
  record.rank_deficient = of_reals || of_fakes;
  if (record.rank_deficient) record.warnings.push_back(rank_warning(of_reals, of_fakes));
  return {record};
}

void Fid::declare(Declaration<Fid>& d) {
  d.help("Fréchet distance between Gaussians fitted to the features of both sides; 0 for equal ones");
  d.reference(
      "Heusel et al., GANs trained by a two time-scale update rule converge to a local Nash equilibrium (2017)");
}

}  // namespace duel
