// The sections that are read by hand, one source each. For framework/spec's own sources.
#pragma once

#include <fmt/format.h>

#include "registry/blocks.hpp"
#include "spec/experiment.hpp"

namespace duel {

// The entries of a map section; a problem when `node` is no map.
const std::vector<YamlNode::Entry>& section_entries(const YamlNode& node, ReadContext& context);

// A name that expressions can use: letters, digits and _, not beginning with a digit.
bool check_name(const YamlNode::Entry& entry, ReadContext& context);

DataSpec read_data(const YamlNode& node, ReadContext context);
Blocks read_blocks(const YamlNode& node, ReadContext context);
std::vector<NetworkSpec> read_networks(const YamlNode& node, ReadContext context);
std::vector<PlayerSpec> read_players(const YamlNode& node, ReadContext context);
TrainSpec read_train(const YamlNode& node, ReadContext context, const std::vector<PlayerSpec>& players);
std::vector<SampleSpec> read_samples(const YamlNode& node, ReadContext context);
std::vector<EvaluationSpec> read_evaluations(const YamlNode& node, const ReadContext& context);

// [low, high] of a `range` as written; nothing when none is written, or after a problem.
std::optional<std::array<double, 2>> read_range(const std::vector<double>& written, const YamlNode& section,
                                                ReadContext& context);
// `name`, or with _2, _3, … behind it where others have it.
template <class Spec>
std::string unique_name(const std::string& name, const std::vector<Spec>& others) {
  const auto taken = [&](const std::string& candidate) {
    for (const Spec& other : others) {
      if (other.name == candidate) return true;
    }
    return false;
  };
  std::string candidate = name;
  for (int number = 2; taken(candidate); ++number) candidate = fmt::format("{}_{}", name, number);
  return candidate;
}

// Names in expressions, `updates` and averages that mean nothing; values that depend on themselves.
void check_names(const Experiment& experiment, const std::vector<std::pair<std::string, Expression>>& expressions,
                 const YamlNode& root, ReadContext context);

}  // namespace duel
