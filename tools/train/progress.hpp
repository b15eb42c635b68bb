// Shows a training on the console: a live line on a terminal, plain lines elsewhere, JSON lines on request.
#pragma once

#include <chrono>
#include <memory>

#include "train/run.hpp"

namespace duel {

enum class ProgressStyle { automatic, quiet, json };

class Progress : public TrainListener {
 public:
  // After a training that was not ended by an error.
  virtual void done(Run& run, TrainEnd end) = 0;
};

std::unique_ptr<Progress> make_progress(ProgressStyle style);

}  // namespace duel
