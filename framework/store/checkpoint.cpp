#include "store/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/checkpoint_image.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_prefix = "step-";
constexpr std::string_view name_suffix = ".h5";

// The step in a name that checkpoint_path gives, or none.
std::optional<int64_t> step_of(const std::string& name) {
  if (!name.starts_with(name_prefix) || !name.ends_with(name_suffix)) return std::nullopt;
  const char* first = name.data() + name_prefix.size();
  const char* last = name.data() + name.size() - name_suffix.size();
  if (first >= last || *first == '-') return std::nullopt;
  int64_t step = 0;
  const auto [end, error] = std::from_chars(first, last, step);
  if (error != std::errc{} || end != last || checkpoint_path({}, step) != name) return std::nullopt;
  return step;
}

template <class Value>
Value named(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found != values.end()) return found->second;
  throw UserError(ExitCode::data, fmt::format("the checkpoint does not say its {}", name),
                  "use the version of duel that wrote it");
}

}  // namespace

int64_t CheckpointState::counter(const std::string& name) const { return named(counters, name); }
double CheckpointState::number(const std::string& name) const { return named(numbers, name); }

fs::path checkpoint_path(const fs::path& folder, int64_t step) {
  DUEL_CHECK(step >= 0, "a checkpoint of step {}", step);
  return folder / fmt::format("{}{:06}{}", name_prefix, step, name_suffix);
}

fs::path write_checkpoint(const fs::path& folder, int64_t step, const CheckpointState& state) {
  const fs::path path = checkpoint_path(folder, step);
  write_file_atomically(path, checkpoint_image(path, state));
  return path;
}

CheckpointState read_checkpoint(const fs::path& file) { return state_of_image(file, read_file(file)); }

std::vector<int64_t> checkpoint_steps(const fs::path& folder) {
  std::vector<int64_t> steps;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (const auto step = step_of(entry->path().filename().string())) steps.push_back(*step);
  if (error && error != std::errc::no_such_file_or_directory)
    throw UserError(ExitCode::data,
                    Problem{{folder.string(), 0, 0}, {}, "cannot list the folder: " + error.message(), {}, {}});
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<LoadedCheckpoint> load_newest_checkpoint(const fs::path& folder) {
  const std::vector<int64_t> steps = checkpoint_steps(folder);
  if (steps.empty()) return std::nullopt;
  LoadedCheckpoint loaded;
  std::vector<Problem> problems;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    loaded.file = checkpoint_path(folder, *step);
    try {
      loaded.state = read_checkpoint(loaded.file);
      return loaded;
    } catch (const NewerFormat&) {
      throw;  // sound, and going on from an older one would undo what a newer duel has done
    } catch (const UserError& damage) {
      loaded.warnings.push_back(fmt::format("{}; using the checkpoint before it", damage.what()));
      problems.insert(problems.end(), damage.problems().begin(), damage.problems().end());
    }
  }
  throw UserError(ExitCode::data, std::move(problems));
}

void prune_checkpoints(const fs::path& folder, int64_t keep, const std::vector<int64_t>& also_keep) {
  DUEL_CHECK(keep >= 1, "keeping {} checkpoints", keep);
  const std::vector<int64_t> steps = checkpoint_steps(folder);
  const auto surplus = static_cast<int64_t>(steps.size()) - keep;
  for (int64_t i = 0; i < surplus; ++i) {
    const int64_t step = steps[static_cast<std::size_t>(i)];
    if (std::find(also_keep.begin(), also_keep.end(), step) == also_keep.end())
      remove_file(checkpoint_path(folder, step));
  }
}

}  // namespace duel
