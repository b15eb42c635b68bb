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

  // Looks for new, changed and vanished runs, and makes the page anew if there are any.
  void refresh();

  std::shared_ptr<const LivePage> page() const;
  // Waits until there is a version other than `known`, at most so long; the present version.
  int64_t wait(int64_t known, double seconds) const;

 private:
  struct Known {
    std::string stamp;
    PageRun run;
  };

  std::vector<std::filesystem::path> found() const;
  void make_page();

  std::vector<std::filesystem::path> paths_;
  const Registry& registry_;
  PageAssets assets_;
  std::vector<std::filesystem::path> folders_;
  std::map<std::filesystem::path, Known> known_;
  mutable std::mutex mutex_;  // of page_
  mutable std::condition_variable changed_;
  std::shared_ptr<const LivePage> page_;
};

}  // namespace duel
