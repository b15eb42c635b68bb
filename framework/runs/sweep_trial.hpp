// Runs that are trials of a sweep (`duel sweep`): SWEEP/trials/0007-s2. What has become of a trial only the sweep's
// journal says, so commands that look at a run ask here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace duel {

struct SweepTrial {
  std::filesystem::path sweep;  // its folder
  int64_t number = 0;
  // As the journal says: "complete", "pruned", "diverged", "failed", "waiting"; empty where it says nothing yet.
  std::string state;
  std::string message;  // why it failed or diverged
  bool operator==(const SweepTrial&) const = default;
};

// Of a run folder; nothing for a run that stands alone. Never throws: of a journal that cannot be read, state and
// message are empty. Any number of threads.
std::optional<SweepTrial> sweep_trial(const std::filesystem::path& run);

// Those that the journal of the sweep in this folder has ended, by the names of their runs' folders ("0007-s2"). Never
// throws, as above.
std::map<std::string, SweepTrial> ended_trials(const std::filesystem::path& sweep);

// What goes on with its sweep: "duel sweep FOLDER".
std::string go_on_with(const SweepTrial& trial);

}  // namespace duel
