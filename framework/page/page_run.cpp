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

}  // namespace

PageRun read_page_run(const std::filesystem::path& folder, const Registry& registry) {
  PageRun out;
  out.entry = read_run_entry(folder);
  out.networks = draw_networks(out.entry, registry);
  out.pictures = find_pictures(folder);
  if (reads_data(out.entry)) out.steps_per_epoch = counted_steps_per_epoch(folder);
  return out;
}

}  // namespace duel
