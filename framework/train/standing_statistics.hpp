// Running statistics measured anew for a look at a generator: the mean over passes of fresh noise, at the present
// weights, instead of the moving average that training keeps. Brock et al., BigGAN (2019), appendix on standing
// statistics. For framework/train's own sources.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/executables.hpp"

namespace duel {

// One thread uses it. The store of its workplace is as it was before whenever no Scope lives.
class StandingStatistics {
 public:
  // `pass` is a graph of build_standing_pass, run so many times. `where`, `path`: of who asks, for messages.
  StandingStatistics(StepGraph pass, int64_t passes, const Experiment& experiment, const OpenedData& data,
                     const Position& where, const std::string& path, const Workplace& place);

  // While it lives, the store holds the statistics that were measured at its start.
  class Scope {
   public:
    Scope(StandingStatistics& statistics, const Clock& clock);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    VariableStore& variables_;
    std::map<std::string, std::vector<double>> before_;
  };

 private:
  VariableStore& variables_;
  int64_t passes_;
  std::vector<std::string> moved_;  // variables
  ValueExecutable pass_;
};

}  // namespace duel
