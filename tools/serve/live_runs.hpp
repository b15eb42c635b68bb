// Runs that are followed while they train: what has changed on the disk is read again when the page is asked for, the
// rest is kept.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "page/page.hpp"

namespace duel {

// What a live page is at one moment.
struct LivePage {
  int64_t version = 0;  // rises with every change
  std::string html;
  std::string answer;  // the data alone
};

// Any number of threads. Trainings have the processor and the disk: nothing here opens a file of a run but page().
class LiveRuns {
 public:
  // There need be no run yet. Throws UserError(ExitCode::experiment) for a path that is no folder.
  LiveRuns(std::vector<std::filesystem::path> paths, const Registry& registry, const PageAssets& assets);

  // Looks for new, changed and vanished runs, by sizes and times of their files; there is a new version if there are
  // any.
  void look();
  // Of what the last look found, which is never older than a second; reads what has changed since it was last asked
  // for.
  std::shared_ptr<const LivePage> page();
  // Waits until there is a version other than `known`, at most so long; the version of the last look.
  int64_t wait(int64_t known, double seconds) const;

 private:
  using Stamps = std::vector<std::pair<std::filesystem::path, std::string>>;  // of each run: what changes when it does
  struct Known {
    std::string stamp;
    PageRun run;
  };

  bool looked_lately() const;
  std::pair<int64_t, Stamps> looked() const;
  std::vector<PageRun> read(const Stamps& stamps);

  std::vector<std::filesystem::path> paths_;
  const Registry& registry_;
  PageAssets assets_;

  std::mutex making_;  // of known_ and page_
  std::map<std::filesystem::path, Known> known_;
  std::shared_ptr<const LivePage> page_;

  std::mutex looking_;             // one look at a time
  mutable std::mutex publishing_;  // of what follows
  mutable std::condition_variable changed_;
  int64_t version_ = 1;
  Stamps stamps_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
};

}  // namespace duel
