#include "page/page_run.hpp"

#include "store/checkpoint.hpp"

namespace duel {
namespace {

// A checkpoint counts both; what has no epochs has passed over its data 0 times.
std::optional<double> counted_steps_per_epoch(const std::filesystem::path& folder) {
  try {
    const auto newest = load_newest_checkpoint(folder / "checkpoints");
    if (!newest) return std::nullopt;
    const double epochs = newest->state.number("epoch");
    const auto steps = static_cast<double>(newest->state.counter("step"));
    return epochs > 0 && steps > 0 ? std::optional(steps / epochs) : std::nullopt;
  } catch (const UserError&) {  // damaged ones, or pruned while they were read
    return std::nullopt;
  }
}

bool reads_data(const RunEntry& entry) {
  for (const RunParameter& parameter : entry.parameters) {
    if (parameter.key.starts_with("data.train")) return true;
  }
  return false;
}

void read_epochs(PageRun& run, const PageRun* earlier) {
  const auto steps = checkpoint_steps(run.entry.folder / "checkpoints");
  if (steps.empty()) return;
  run.epochs_of = steps.back();
  run.steps_per_epoch = earlier != nullptr && earlier->epochs_of == run.epochs_of
                            ? earlier->steps_per_epoch
                            : counted_steps_per_epoch(run.entry.folder);
}

}  // namespace

PageRun read_page_run(const std::filesystem::path& folder, const Registry& registry, const PageRun* earlier) {
  PageRun out;
  out.entry = read_run_entry(folder);
  const bool same = earlier != nullptr && earlier->entry.records.experiment == out.entry.records.experiment;
  out.networks = same ? earlier->networks : draw_networks(out.entry, registry);
  out.pictures = find_pictures(folder);
  if (reads_data(out.entry)) read_epochs(out, earlier);
  return out;
}

}  // namespace duel
