#include "runs/sweep_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "store/journal.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct TrialEnd {
  std::string state, message;
};
using TrialEnds = std::map<std::string, TrialEnd>;  // by the name of the run's folder

// Ends of runs in a journal, up to damage.
TrialEnds read_ends(const fs::path& journal) {
  TrialEnds ends;
  try {
    for (const nlohmann::json& record : JournalReader(journal).read()) {
      if (record.value("op", "") != "end" || !record.contains("run")) continue;
      ends[record.value("run", "")] = {record.value("state", ""), record.value("message", "")};
    }
  } catch (const UserError&) {
    return {};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return ends;
}

// The last journal that was read is kept: runs of one sweep are looked at one after another.
class JournalCache {
 public:
  TrialEnd end_of(const fs::path& journal, const std::string& run) {
    std::error_code ignored;
    const auto size = fs::file_size(journal, ignored);
    const auto time = fs::last_write_time(journal, ignored);
    const std::scoped_lock lock(mutex_);
    if (journal != journal_ || size != size_ || time != time_) {
      ends_ = read_ends(journal);
      journal_ = journal;
      size_ = size;
      time_ = time;
    }
    const auto found = ends_.find(run);
    return found == ends_.end() ? TrialEnd{} : found->second;
  }

 private:
  std::mutex mutex_;
  fs::path journal_;
  uintmax_t size_ = 0;
  fs::file_time_type time_;
  TrialEnds ends_;
};

// The folder of the sweep as the run's was named: "sweeps/s/trials/0001" gives "sweeps/s".
fs::path sweep_folder(const fs::path& run) {
  const fs::path named = run.has_filename() ? run : run.parent_path();
  const fs::path written = named.parent_path();
  if (written.filename() == "trials") return written.parent_path().empty() ? fs::path(".") : written.parent_path();
  return named / "../..";
}

// Of a run's folder: 7 of "0007-s2".
std::optional<int64_t> trial_number(const std::string& name) {
  std::string digits = name.substr(0, name.find('-'));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return parse_integer(digits);
}

}  // namespace

std::map<std::string, SweepTrial> ended_trials(const fs::path& sweep) {
  std::map<std::string, SweepTrial> trials;
  for (auto& [name, end] : read_ends(sweep / "journal")) {
    const auto number = trial_number(name);
    if (!number || end.state == "waiting") continue;
    trials[name] = {sweep, *number, end.state, end.message};
  }
  return trials;
}

std::optional<SweepTrial> sweep_trial(const fs::path& run) {
  static JournalCache cache;
  std::error_code error;
  const fs::path canonical = fs::canonical(run, error);
  if (error || canonical.parent_path().filename() != "trials") return std::nullopt;
  const fs::path sweep = canonical.parent_path().parent_path();
  if (!fs::exists(sweep / "sweep.yaml", error) || !fs::exists(sweep / "journal", error)) return std::nullopt;
  const std::string name = canonical.filename().string();
  const auto number = trial_number(name);
  if (!number) return std::nullopt;
  TrialEnd end = cache.end_of(sweep / "journal", name);
  return SweepTrial{sweep_folder(run), *number, std::move(end.state), std::move(end.message)};
}

std::string go_on_with(const SweepTrial& trial) { return fmt::format("duel sweep {}", trial.sweep.string()); }

}  // namespace duel
