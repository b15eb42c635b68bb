// An experiment whose metric has a closed form, and sweeps of it: descent on w² from w = 1 with the rate lr, so that
// the metric of step n is (1 - 2 lr)^(n-1).
#pragma once

#include <string>

#include "tests/support/temporary_folder.hpp"

namespace duel {

inline constexpr const char* descent_experiment =
    "name: descent\nseed: 1\nengine: {precision: float64}\ndata: {train: {dirac: {at: 1}}, batch: 1}\n"
    "networks: {g: {inputs: {x: [1]}, layers: [{dense: {units: 1, bias: false, kernel_initializer: {constant: 1}}}]}}\n"
    "values: {y: g(data.point)}\n"
    "players: {one: {updates: g, optimizer: {sgd: {lr: 0.1}}, loss: {expression: square(y)}}}\n"
    "train: {steps: 8}\nmetrics: {w: mean(y)}\ncheckpoint: {every: 2}\n";

// With the experiment as descent.yaml.
class DescentFolder : public TemporaryFolder {
 public:
  DescentFolder() { write("descent.yaml", descent_experiment); }
};

// A sweep of it with these further lines.
inline std::string descent_sweep(const std::string& more) {
  return "experiment: descent.yaml\nmetric: {name: w, goal: minimize}\n" + more;
}

}  // namespace duel
