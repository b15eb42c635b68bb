// A worker of a sweep: takes runs and trains them, one after another, until there is nothing left to begin.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/floor_cache.hpp"
#include "registry/registry.hpp"
#include "sweep/sweep.hpp"
#include "train/session.hpp"

namespace duel {

// What happens, for whoever shows it. Called on the training thread.
class AgentListener {
 public:
  virtual ~AgentListener() = default;
  virtual void began(const std::string& run, const std::vector<std::string>& overrides) = 0;
  virtual void warned(const std::string& run, const std::string& text) = 0;
  virtual void ended(const std::string& run, const SweepRun& result) = 0;
};

struct AgentOptions {
  std::string name;  // that no other agent ever has
  SessionOptions session;
  std::vector<std::string> command_line;
  const FloorCache* floors = nullptr;
  std::optional<int64_t> most_runs;  // and then it ends
};

enum class AgentEnd {
  nothing_left,  // or as many runs done as it may
  stopped        // `stop` was set: the run is saved and waits
};

// A trial that cannot be trained (its experiment does not fit, its data are damaged, memory is short) or diverges ends
// as failed or diverged, and the agent goes on. A run whose folder another process uses waits, and is left to other
// agents. Throws UserError: ExitCode::storage when it cannot write, the run waits; what Sweep::claim throws.
AgentEnd run_agent(Sweep& sweep, const Registry& registry, const AgentOptions& options, const std::atomic<bool>& stop,
                   AgentListener& listener);

}  // namespace duel
