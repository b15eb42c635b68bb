// What is wrong with a run, as far as its records show it for certain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runs/run_entry.hpp"
#include "spec/experiment.hpp"
#include "tools/doctor/curve.hpp"

namespace duel {

struct Diagnosis {
  std::string illness;              // "discriminator saturated": one of those that docs/doctor.md lists
  std::string series;               // what says so
  std::optional<int64_t> since;     // the step from which on it does
  std::string evidence;             // in words
  std::vector<std::string> advice;  // what to try, the first thing first
  Curve curve;                      // of the series
};

// What the newest weights give beside what they should, where the run's checkpoint and its data can tell.
struct ShownSample {
  std::size_t sample = 0;  // number in the experiment
  std::vector<float> generated, real;
  int64_t generated_rows = 0, real_rows = 0;
};

// In the order in which they are to be looked at; none for a run that is well. `run` is not damaged.
std::vector<Diagnosis> diagnose(const RunEntry& run, const Experiment& experiment,
                                const std::vector<ShownSample>& shown);

}  // namespace duel
