// The sections that are read by hand, one source each. For framework/spec's own sources.
#pragma once

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

// Names in expressions, `updates` and averages that mean nothing; values that depend on themselves.
void check_names(const Experiment& experiment, const std::vector<std::pair<std::string, Expression>>& expressions,
                 const YamlNode& root, ReadContext context);

}  // namespace duel
