// Experiments from text, with all plugins of the program.
#pragma once

#include <string>

#include "spec/read.hpp"

namespace duel {

// A small sound experiment of one network and one player; `more` are further sections or, where the key stands in it
// already, what replaces that section.
std::string small_experiment(const std::string& more = "");

// Of an experiment without a mistake: any problem fails the test.
Experiment read_sound(const std::string& yaml);
// The problems in order of their places, one a line.
std::string problems_of(const std::string& yaml);

}  // namespace duel
