// Shows a training on the console: a live line on a terminal, plain lines elsewhere, JSON lines on request.
#pragma once

#include <chrono>
#include <memory>

#include "train/run.hpp"

namespace duel {

enum class ProgressStyle { automatic, quiet, json };

std::unique_ptr<TrainListener> make_progress(ProgressStyle style);

}  // namespace duel
