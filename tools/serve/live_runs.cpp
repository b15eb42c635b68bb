#include "tools/serve/live_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
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
    : paths_(std::move(paths)), registry_(registry), assets_(assets) {
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
  bool changed = folders != folders_ || runs_ == nullptr;
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
  if (changed) publish();
}

void LiveRuns::publish() {
  auto runs = std::make_shared<std::vector<PageRun>>();
  for (const fs::path& folder : folders_) {
    if (const auto run = known_.find(folder); run != known_.end()) runs->push_back(run->second.run);
  }
  {
    const std::lock_guard hold(publishing_);
    runs_ = std::move(runs);
    ++version_;
  }
  changed_.notify_all();
}

std::shared_ptr<const LivePage> LiveRuns::page() {
  const std::lock_guard make(making_);
  auto made = std::make_shared<LivePage>();
  std::shared_ptr<const std::vector<PageRun>> runs;
  {
    const std::lock_guard hold(publishing_);
    if (page_ && page_->version == version_) return page_;
    runs = runs_;
    made->version = version_;
  }
  const PageData data = page_data(*runs, true, assets_.script.size() + assets_.style.size());
  made->html = page_html(data, assets_);
  made->answer = page_answer(data);
  page_ = std::move(made);
  return page_;
}

int64_t LiveRuns::wait(int64_t known, double seconds) const {
  std::unique_lock hold(publishing_);
  changed_.wait_for(hold, std::chrono::duration<double>(seconds), [&] { return version_ != known; });
  return version_;
}

}  // namespace duel
