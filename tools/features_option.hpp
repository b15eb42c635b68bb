// What `--features` asks for, of the commands that score.
#pragma once

#include <string>

#include "spec/experiment.hpp"

namespace duel {

// values, pixels, RUN, RUN:LAYER or RUN:NETWORK/LAYER, where RUN is a run folder or an experiment file.
FeatureSpec read_features_option(const std::string& text);

}  // namespace duel
