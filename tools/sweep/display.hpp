// Shows a sweep on the console while it goes on.
#pragma once

#include <set>
#include <string>

#include "sweep/sweep.hpp"

namespace duel {

enum class Telling {
  all,       // a live table on a terminal, elsewhere a line for each trial that ends
  failures,  // on standard error
  json       // an object a line for each trial that ends
};

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
  void draw();
  void erase();

  const Sweep& sweep_;
  Telling telling_;
  bool live_;
  std::set<int64_t> told_;
  std::string drawn_;
};

}  // namespace duel
