// Blocks: kinds of layers that an experiment defines itself, as lists of layers with parameters.
//
//   blocks:
//     up:
//       parameters: {width: 64, slope: 0.2}      # with their defaults; without a value: must be given
//       layers: [upsample, conv2d: {filters: "${width}", kernel: 3, padding: same}, leaky_relu: "${slope}"]
//   networks: {generator: {…, layers: [up: {width: 128, slope: 0.3}, up: 32, …]}}    # 32: its first parameter
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/registry.hpp"

namespace duel {

struct BlockDefinition {
  std::string name;
  std::vector<std::string> inputs;          // names that `from` of its layers may use; at least one
  std::vector<YamlNode::Entry> parameters;  // name and default; null: must be given
  YamlNode layers;                          // ${name} of a parameter is not yet replaced
  Position where;
};

// The blocks of an experiment.
class Blocks {
 public:
  // Layers that all uses of blocks may have together: a block of blocks of blocks could have more than fit anywhere.
  static constexpr int64_t most_layers = 10000;

  const BlockDefinition* find(std::string_view name) const;
  std::vector<std::string> names() const;
  void add(BlockDefinition definition);

  // Counts layers made of blocks; false beyond the limit.
  bool count(std::size_t layers);

 private:
  std::map<std::string, BlockDefinition, std::less<>> definitions_;
  int64_t layers_ = 0;
};

// The layer that a use of the block stands for, its parameters put in. Null after a problem: a parameter that the block
// has not, one that is missing, a block that contains itself.
std::shared_ptr<const Layer> read_block(const BlockDefinition& block, const WrittenComponent& written,
                                        ReadContext& context);

// A layer of a kind of the registry; the message for an unknown one knows blocks, too.
std::shared_ptr<const Layer> read_kind(const WrittenComponent& written, ReadContext& context);

}  // namespace duel
