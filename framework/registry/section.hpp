// Sections of a file (train:, checkpoint:, …) are declared like components: a struct whose members are named, checked
// and documented once.
#pragma once

#include "registry/parameters.hpp"

namespace duel {

// The declared parameters of Section, which has `static void declare(Declaration<Section>&)`.
template <class Section>
const ComponentInfo& section_info() {
  static const ComponentInfo info = [] {
    ComponentInfo made;
    Declaration<Section> declaration(made);
    Section::declare(declaration);
    return made;
  }();
  return info;
}

// Reads `node` (null: all defaults) into a Section; problems go to the context. A Section whose parameters restrain
// each other has `std::string conflict() const`: what is wrong with them together, or "".
template <class Section>
Section read_section(const YamlNode& node, ReadContext context) {
  Section section;
  read_parameters(&section, section_info<Section>(), node, context);
  if constexpr (requires { section.conflict(); }) {
    if (const std::string wrong = section.conflict(); !wrong.empty()) context.problem(node, wrong);
  }
  return section;
}

}  // namespace duel
