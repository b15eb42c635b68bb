#include "tools/serve/live_runs.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/file.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Size and time of what a training writes, and whether one is at it: a kill changes the lock alone.
std::string stamp_of_run(const fs::path& folder) {
  std::string out = is_locked(folder / "run.lock") ? "locked" : "free";
  for (const char* name : {"run.h5", "samples", "evaluations", "checkpoints"}) {
    std::error_code failed;
    const auto time = fs::last_write_time(folder / name, failed).time_since_epoch().count();
    if (failed) continue;
    out += fmt::format(" {} {}", name, time);
    const auto size = fs::file_size(folder / name, failed);
    if (!failed) out += fmt::format(" {}", size);
  }
  return out;
}

}  // namespace

LiveRuns::LiveRuns(std::vector<fs::path> paths, const Registry& registry, const PageAssets& assets)
    : paths_(std::move(paths)), registry_(registry), assets_(assets), page_(std::make_shared<LivePage>()) {
  find_runs(paths_);
  refresh();
}

// Folders may vanish while they are served: there are then fewer runs, or none.
std::vector<fs::path> LiveRuns::found() const {
  std::vector<fs::path> out;
  for (const fs::path& path : paths_) {
    try {
      for (const fs::path& folder : find_runs(std::span(&path, 1))) {
        if (std::ranges::find(out, folder) == out.end()) out.push_back(folder);
      }
    } catch (const UserError&) {
      continue;
    }
  }
  return out;
}

void LiveRuns::refresh() {
  const std::vector<fs::path> folders = found();
  bool changed = folders != folders_ || page()->version == 0;
  folders_ = folders;
  std::map<fs::path, Known> kept;
  for (const fs::path& folder : folders) {
    // Before it is read: what is written meanwhile is read the next time.
    std::string stamp = stamp_of_run(folder);
    const auto before = known_.find(folder);
    if (before != known_.end() && before->second.stamp == stamp) {
      kept.insert(known_.extract(before));
      continue;
    }
    try {
      kept.emplace(folder, Known{std::move(stamp), read_page_run(folder, registry_)});
      changed = true;
    } catch (const UserError&) {  // removed since it was found
      continue;
    }
  }
  changed = changed || kept.size() != folders.size();
  known_ = std::move(kept);
  if (changed) make_page();
}

void LiveRuns::make_page() {
  std::vector<PageRun> runs;
  for (const fs::path& folder : folders_) {
    if (const auto run = known_.find(folder); run != known_.end()) runs.push_back(run->second.run);
  }
  const PageData data = page_data(runs, true, assets_.script.size() + assets_.style.size());
  auto made = std::make_shared<LivePage>();
  made->version = page()->version + 1;
  made->html = page_html(data, assets_);
  made->answer = page_answer(data);
  {
    const std::lock_guard hold(mutex_);
    page_ = std::move(made);
  }
  changed_.notify_all();
}

std::shared_ptr<const LivePage> LiveRuns::page() const {
  const std::lock_guard hold(mutex_);
  return page_;
}

int64_t LiveRuns::wait(int64_t known, double seconds) const {
  std::unique_lock hold(mutex_);
  changed_.wait_for(hold, std::chrono::duration<double>(seconds), [&] { return page_->version != known; });
  return page_->version;
}

}  // namespace duel
