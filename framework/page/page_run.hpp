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
};

// Throws as read_run_entry: nothing for what a run holds.
PageRun read_page_run(const std::filesystem::path& folder, const Registry& registry);

}  // namespace duel
