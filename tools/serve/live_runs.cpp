#include "tools/serve/live_runs.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "runs/sweep_trial.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Size and time of what a training writes, whether one is at it (a kill changes the lock alone), and what its sweep
// says of it.
std::string stamp_of_run(const fs::path& folder) {
  std::string out = is_locked(folder / "run.lock") ? "locked" : "free";
  if (const auto trial = sweep_trial(folder)) out += " " + trial->state;
  for (const char* name : {"run.h5", "samples", "evaluations", "checkpoints", "failure.txt"}) {
    std::error_code failed;
    const auto time = fs::last_write_time(folder / name, failed).time_since_epoch().count();
    if (failed) continue;
    out += fmt::format(" {} {}", name, time);
    const auto size = fs::file_size(folder / name, failed);
    if (!failed) out += fmt::format(" {}", size);
  }
  return out;
}

void require_folder(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("{} is {}", path.string(), fs::exists(path, ignored) ? "no folder" : "not there"),
                  "name folders of runs, or a folder in which there will be some");
}

}  // namespace

LiveRuns::LiveRuns(std::vector<fs::path> paths, const Registry& registry, const PageAssets& assets)
    : paths_(std::move(paths)), registry_(registry), assets_(assets) {
  for (const fs::path& path : paths_) require_folder(path);
}

// Folders may vanish while they are served: there are then fewer runs, or none.
void LiveRuns::look() {
  const std::lock_guard alone(looking_);
  const auto now = std::chrono::steady_clock::now();
  Stamps stamps;
  for (const fs::path& folder : runs_found_in(paths_)) stamps.emplace_back(folder, stamp_of_run(folder));
  {
    const std::lock_guard hold(publishing_);
    looked_at_ = now;
    if (stamps == stamps_) return;
    stamps_ = std::move(stamps);
    ++version_;
  }
  changed_.notify_all();
}

bool LiveRuns::looked_lately() const {
  const std::lock_guard hold(publishing_);
  return looked_at_ && std::chrono::steady_clock::now() - *looked_at_ < std::chrono::seconds(1);
}

std::pair<int64_t, LiveRuns::Stamps> LiveRuns::looked() const {
  const std::lock_guard hold(publishing_);
  return {version_, stamps_};
}

std::vector<PageRun> LiveRuns::read(const Stamps& stamps) {
  std::map<fs::path, Known> kept;
  std::vector<PageRun> runs;
  for (const auto& [folder, stamp] : stamps) {
    const auto before = known_.find(folder);
    try {
      if (before != known_.end() && before->second.stamp == stamp) {
        kept.insert(known_.extract(before));
      } else {
        // The stamp is older than what is read: what is written meanwhile is read the next time.
        const PageRun* earlier = before == known_.end() ? nullptr : &before->second.run;
        kept.emplace(folder, Known{stamp, read_page_run(folder, registry_, earlier)});
      }
    } catch (const UserError&) {  // removed since it was found
      continue;
    }
    runs.push_back(kept.at(folder).run);
  }
  known_ = std::move(kept);
  return runs;
}

std::shared_ptr<const LivePage> LiveRuns::page() {
  const std::lock_guard make(making_);
  if (!looked_lately()) look();  // several pages may ask at once, and runs that train have always changed
  const auto [version, stamps] = looked();
  if (page_ && page_->version == version) return page_;
  const PageData data = page_data(read(stamps), true, assets_.script.size() + assets_.style.size());
  page_ = std::make_shared<LivePage>(LivePage{version, page_html(data, assets_), page_answer(data)});
  return page_;
}

int64_t LiveRuns::wait(int64_t known, double seconds) const {
  std::unique_lock hold(publishing_);
  changed_.wait_for(hold, std::chrono::duration<double>(seconds), [&] { return version_ != known; });
  return version_;
}

}  // namespace duel
