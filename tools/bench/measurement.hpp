// One benchmark of an experiment: its steps timed, what they took, and what the machine could do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/bench/profile.hpp"
#include "tools/bench/sgemm.hpp"
#include "train/session.hpp"

namespace duel {

struct Measurement {
  std::string experiment;
  DType precision = DType::float32;
  int threads = 0;
  int64_t warm_up_steps = 0;
  int64_t steps = 0;
  std::string blas;               // "OpenBLAS 0.3.21 SkylakeX"
  double first_step_seconds = 0;  // from the start of the command to the end of the first step
  double lower_quartile_ms = 0;
  double ms_per_step = 0;  // median
  double upper_quartile_ms = 0;
  double images_per_second = 0;
  double gflops = 0;                           // median over the steps: what each counts by its own time
  std::vector<SgemmRate> sgemm;                // of every library
  int64_t peak_bytes = 0;                      // of the plan: arena, constants, inputs, variables
  int64_t resident_bytes = 0;                  // of the process at the end of the steps, the most there were
  int64_t training_bytes = 0;                  // growth of memory that comes from no file: the training and its data
  std::optional<double> allocations_per_step;  // nothing where they cannot be counted (sanitizers)
  double data_wait_share = 0;                  // of the time of the steps
  std::optional<std::string> data_warning;     // of files that were left out
  std::string step_hash;                       // of all weights after the steps
  std::vector<KernelProfile> profile;          // empty unless asked for

  const SgemmRate& best_sgemm() const;
  double share_of_sgemm() const { return gflops / best_sgemm().gflops; }
};

// Trains `steps` steps after a few to warm up, and times them. The same experiment and number of steps give the same
// step_hash, whatever the threads. `profile`: after that it runs some more steps in which each kernel is timed.
Measurement measure(std::shared_ptr<const Experiment> experiment, const SessionOptions& options, int64_t steps,
                    bool profile = false);

}  // namespace duel
