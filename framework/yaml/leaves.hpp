// A document as a list of its leaves: what two experiments are compared by.
#pragma once

#include <string>
#include <vector>

#include "yaml/document.hpp"

namespace duel {

// A scalar, a null, an empty collection, or a list of scalars.
struct YamlLeaf {
  std::string key;    // dotted, as overrides write it: networks.generator.layers[3].dense.units
  std::string value;  // YAML on one line: "[0.5, 0.999]"
  Position where;     // of the value; of a list in which an override has set items, that override
};

// In the order of the document. A root that is a leaf itself has the key "".
std::vector<YamlLeaf> leaves_of(const YamlNode& root);

}  // namespace duel
