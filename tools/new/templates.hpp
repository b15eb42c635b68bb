// The experiments of the gallery that `duel new` can begin with, as text: built into the program.
#pragma once

#include <string>
#include <vector>

namespace duel {

struct ExperimentTemplate {
  std::string name;  // digits/mlp
  std::string text;
};

const std::vector<ExperimentTemplate>& experiment_templates();

}  // namespace duel
