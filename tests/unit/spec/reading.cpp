#include "tests/unit/spec/reading.hpp"

#include <gtest/gtest.h>

#include "plugins/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "yaml/document.hpp"

namespace duel {

std::string small_experiment(const std::string& more) {
  YamlNode root = parse_yaml(
      "data: {train: {gaussian: {dimensions: 2}}, batch: 8}\n"
      "networks: {net: {inputs: {x: [2]}, layers: [dense: 1]}}\n"
      "values: {y: net(data.point)}\n"
      "players: {one: {updates: net, optimizer: sgd, loss: {expression: y}}}\n"
      "train: {steps: 100}\n",
      "small");
  for (const YamlNode::Entry& entry : parse_yaml(more, "more").entries) {
    std::erase_if(root.entries, [&](const YamlNode::Entry& known) { return known.key == entry.key; });
    root.entries.push_back(entry);
  }
  return to_yaml(root);
}

Experiment read_sound(const std::string& yaml) {
  Problems problems;
  Experiment experiment =
      read_experiment(load_document_text(yaml, "e.yaml"), filled_registry<register_plugins>(), problems);
  for (const Problem& problem : problems.all()) ADD_FAILURE() << to_string(problem);
  return experiment;
}

std::string problems_of(const std::string& yaml) {
  Problems problems;
  read_experiment(load_document_text(yaml, "e.yaml"), filled_registry<register_plugins>(), problems);
  try {
    problems.throw_if_any();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no problem";
}

}  // namespace duel
