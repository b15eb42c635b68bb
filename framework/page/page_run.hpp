// A run with all that a page shows of it beside its records.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "page/networks.hpp"
#include "page/pictures.hpp"
#include "runs/run_entry.hpp"

namespace duel {

struct PageRun {
  RunEntry entry;
  DrawnNetworks networks;
  std::vector<PictureFile> pictures;
  std::optional<double> steps_per_epoch;  // none: the data has no end, there is none, or no checkpoint that says so
  std::optional<int64_t> epochs_of;       // the newest checkpoint when steps_per_epoch was read
};

// Throws as read_run_entry: nothing for what a run holds. Of `earlier`, the same run as it was before, is kept what
// cannot have changed: its networks as long as its experiment is the same, and its epochs until there is a newer
// checkpoint, which may be large.
PageRun read_page_run(const std::filesystem::path& folder, const Registry& registry, const PageRun* earlier = nullptr);

}  // namespace duel
