#include "search/tpe.hpp"

#include <algorithm>
#include <tuple>

#include "search/parzen.hpp"

namespace duel {
namespace {

using State = Observation::State;

// Smaller is better: complete ones by value; then pruned ones, those that came furthest first; then diverged ones.
std::tuple<int, double, double, int64_t> rank(const Observation& observation) {
  switch (observation.state) {
    case State::complete:
      return {0, observation.value, 0, observation.number};
    case State::pruned:
      return {1, -observation.resource, observation.value, observation.number};
    case State::diverged:
      return {2, 0, 0, observation.number};
    case State::running:
      break;
  }
  return {3, 0, 0, observation.number};
}

std::vector<double> values_of(std::size_t parameter, std::span<const Observation* const> observations) {
  std::vector<double> values;
  for (const Observation* observation : observations) {
    if (const auto value = observation->point.at(parameter)) values.push_back(*value);
  }
  return values;
}

double promising_value(const Distribution& distribution, std::size_t parameter, const SplitObservations& split,
                       int64_t candidates, RandomStream& stream) {
  const ParzenEstimator good(distribution, values_of(parameter, split.good));
  const ParzenEstimator others(distribution, values_of(parameter, split.others));
  std::optional<double> best;
  double best_ratio = 0;
  for (int64_t i = 0; i < candidates; ++i) {
    const double value = good.sample(stream);
    const double ratio = good.log_density(value) - others.log_density(value);
    if (best && ratio <= best_ratio) continue;
    best = value;
    best_ratio = ratio;
  }
  return best.value();
}

}  // namespace

int64_t good_trials(int64_t finished) { return std::min<int64_t>((finished + 9) / 10, 25); }

SplitObservations split_observations(std::span<const Observation> history) {
  std::vector<const Observation*> ranked;
  for (const Observation& observation : history) ranked.push_back(&observation);
  std::ranges::sort(ranked, {}, [](const Observation* observation) { return rank(*observation); });
  const auto finished = std::ranges::count_if(
      history, [](const Observation& observation) { return observation.state != State::running; });
  const auto border = ranked.begin() + good_trials(finished);
  SplitObservations split{{ranked.begin(), border}, {border, ranked.end()}};
  std::ranges::sort(split.good, {}, &Observation::number);
  std::ranges::sort(split.others, {}, &Observation::number);
  return split;
}

Point tpe_point(const SearchSpace& space, uint64_t seed, int64_t number, std::span<const Observation> history,
                const TpeOptions& options) {
  const auto finished = std::ranges::count_if(
      history, [](const Observation& observation) { return observation.state != State::running; });
  if (finished < options.startup_trials) return random_point(space, seed, number);
  const SplitObservations split = split_observations(history);
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!is_active(space[i], point)) continue;
    RandomStream stream(stream_key(seed, 0, "tpe/" + space[i].key), {.step = static_cast<uint64_t>(number)});
    point[i] = promising_value(space[i].distribution, i, split, options.candidates, stream);
  }
  return point;
}

}  // namespace duel
