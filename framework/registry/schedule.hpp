// Numbers that change as training goes on.
#pragma once

#include <cstdint>
#include <memory>

#include "registry/parameters.hpp"

namespace duel {

// Where training is, before the step that reads it.
struct Clock {
  int64_t step = 0;         // steps done
  int64_t total_steps = 0;  // of the whole training; 0 when open-ended
  double epoch = 0;         // passes over the training data done, fractional
  int64_t updates = 0;      // updates that the player asking has done
};

// Pure: the same clock gives the same number.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double at(const Clock& clock) const = 0;
  // A number that never changes can be folded into the graph.
  virtual bool is_constant() const { return false; }
  // Does it read clock.updates, which only what belongs to a player has?
  virtual bool counts_updates() const { return false; }
};

// What a plain number in the YAML becomes.
class ConstantSchedule final : public Schedule {
 public:
  explicit ConstantSchedule(double value) : value_(value) {}
  double at(const Clock&) const override { return value_; }
  bool is_constant() const override { return true; }

 private:
  double value_;
};

inline std::shared_ptr<const Schedule> constant_schedule(double value) {
  return std::make_shared<ConstantSchedule>(value);
}

}  // namespace duel
