// Runs that are followed while they train: what has changed on the disk is read again, the rest is kept.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "page/page.hpp"

namespace duel {

// What a live page is at one moment.
struct LivePage {
  int64_t version = 0;  // rises with every change
  std::string html;
  std::string answer;  // the data alone
};

// refresh() is called by one thread, everything else by any.
class LiveRuns {
 public:
  // Throws UserError(ExitCode::experiment) where there is no run at or below `paths`.
  LiveRuns(std::vector<std::filesystem::path> paths, const Registry& registry, const PageAssets& assets);

  // Looks for new, changed and vanished runs; there is a new version if there are any.
  void refresh();

  // Of the present version. Made when it is first asked for: as long as nobody looks, trainings have the processor.
  std::shared_ptr<const LivePage> page();
  // Waits until there is a version other than `known`, at most so long; the present version.
  int64_t wait(int64_t known, double seconds) const;

 private:
  struct Known {
    std::string stamp;
    PageRun run;
  };

  std::vector<std::filesystem::path> found() const;
  void publish();

  std::vector<std::filesystem::path> paths_;
  const Registry& registry_;
  PageAssets assets_;
  std::vector<std::filesystem::path> folders_;
  std::map<std::filesystem::path, Known> known_;

  std::mutex making_;              // of page_
  mutable std::mutex publishing_;  // of version_ and runs_
  mutable std::condition_variable changed_;
  int64_t version_ = 0;
  std::shared_ptr<const std::vector<PageRun>> runs_;
  std::shared_ptr<const LivePage> page_;
};

}  // namespace duel
