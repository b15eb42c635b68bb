// The parameters that a sweep varies: which there are, and the points of the space that they span.
//
//   parameters:
//     players.generator.optimizer.adam.lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}
//     data.batch: {values: [32, 64]}
//     networks.generator.layers[1]:
//       values: [batch_norm, instance_norm]
//       when:                                   # parameters that there are only with one of the values
//         batch_norm: {vars.decay: {min: 0.8, max: 0.99}}
//     players.discriminator.optimizer.adam:     # names below stand behind this one and a dot
//       parameters: {lr: {value: 2e-4}, beta1: {values: [0, 0.5]}}
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "search/distribution.hpp"

namespace duel {

struct SearchParameter {
  std::string key;  // dotted path into the experiment
  Position where;
  Distribution distribution;
  // There is this parameter only when that one, further up in the list, has one of these values (indices).
  struct Condition {
    std::size_t parameter = 0;
    double value = 0;
  };
  std::optional<Condition> condition;
};

using SearchSpace = std::vector<SearchParameter>;

// A value a parameter of the space; none for those whose condition does not hold.
using Point = std::vector<std::optional<double>>;

// Reads the section `parameters` of a sweep; adds problems. Parents come before those that depend on them, otherwise
// the order is that of the file.
SearchSpace read_space(const YamlNode& node, Problems& problems);

// Does the parameter exist where the ones before it have these values?
bool is_active(const SearchParameter& parameter, const Point& point);

// "key=value" for each parameter that the point has, as the command line takes them.
std::vector<std::string> overrides_of(const SearchSpace& space, const Point& point);

// Number of points; none for infinitely many or more than 10⁹.
std::optional<int64_t> grid_size(const SearchSpace& space);
// Point number `index` of grid_size(): the last parameter changes fastest.
Point grid_point(const SearchSpace& space, int64_t index);

// Point number `number` of a random search: depends on the seed, the number and the parameters' names alone.
Point random_point(const SearchSpace& space, uint64_t seed, int64_t number);

}  // namespace duel
