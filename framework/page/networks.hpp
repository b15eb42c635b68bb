// The networks of a run's experiment, for diagrams: layers in order, with shapes and weights where they can be known.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "registry/registry.hpp"
#include "runs/run_entry.hpp"

namespace duel {

struct DrawnLayer {
  std::string name;
  std::string kind;
  std::string output;      // shape of one example; "" where it is not known
  int64_t parameters = 0;  // of the layer without those within it
  int64_t depth = 0;       // how many layers it lies in
  bool operator==(const DrawnLayer&) const = default;
};

struct DrawnNetwork {
  std::string name;
  std::vector<std::pair<std::string, std::string>> inputs;  // name, shape
  std::vector<DrawnLayer> layers;
  std::string problem;  // why shapes are not known; "" if they are
  bool operator==(const DrawnNetwork&) const = default;
};

struct DrawnNetworks {
  std::vector<DrawnNetwork> networks;
  std::string problem;  // why there are none; "" if there are
};

// From the experiment that the run kept; reads no data and no weights. Throws nothing for what the run holds.
DrawnNetworks draw_networks(const RunEntry& run, const Registry& registry);

}  // namespace duel
