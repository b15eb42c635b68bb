// Shows a sweep on the console while it goes on.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "sweep/sweep.hpp"
#include "tools/sweep/table.hpp"

namespace duel {

enum class Telling {
  all,       // a live table on a terminal, elsewhere a line for each trial that ends
  failures,  // on standard error
  json       // an object a line for each trial that ends, and one at the end
};

// An object on a line: how many trials there are in each state, the best one, and what makes scores unlike.
std::string closing_event(const Sweep& sweep);

// Trials that were over before are not told again. The sweep must outlive it.
class SweepDisplay {
 public:
  SweepDisplay(const Sweep& sweep, Telling telling);

  void update();
  void finish();  // takes the live table away

 private:
  void tell(const Trial& trial, const TrialResult& result) const;
  std::string found_text(const Trial& trial, const TrialResult& result) const;
  std::string json_event(const Trial& trial, const TrialResult& result) const;
  void look_at_runs();
  void draw();
  void erase();

  const Sweep& sweep_;
  Telling telling_;
  bool live_;
  std::set<int64_t> told_;
  std::string drawn_;
  SweepProgress progress_;  // for the live table
  std::optional<std::chrono::steady_clock::time_point> looked_;
};

}  // namespace duel
