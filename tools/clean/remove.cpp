#include "tools/clean/remove.hpp"

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tools/clean/own_files.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

std::optional<FileLock> lock_of(const fs::path& run) {
  try {
    return FileLock(run / "run.lock");
  } catch (const UserError& error) {
    if (error.code() != ExitCode::in_use) throw;
    return std::nullopt;
  }
}

// The lock aside, which is made by whoever asks for it.
std::vector<fs::path> without_lock(std::vector<fs::path> files) {
  std::erase_if(files, [](const fs::path& file) { return file.filename() == "run.lock"; });
  std::ranges::sort(files);
  return files;
}

bool has_changed(const RunCleaning& cleaning) {
  std::error_code ignored;
  if (fs::last_write_time(cleaning.run / "run.h5", ignored) != cleaning.written) return true;
  if (!cleaning.whole) return false;
  RunFiles now = files_of_run(cleaning.run);
  now.own.insert(now.own.end(), now.temporary.begin(), now.temporary.end());
  return !now.foreign.empty() || without_lock(now.own) != without_lock(cleaning.files);
}

void remove_one(const fs::path& file) {
  if (is_temporary_name(file.filename().string())) {
    sweep_temporaries(file.parent_path());  // those of living processes stay
  } else {
    remove_file(file);
  }
}

// run.h5 comes after all that belongs to it: a clean-up that is killed leaves a run that can be cleaned again.
void remove_whole(const RunCleaning& cleaning) {
  const fs::path file = cleaning.run / "run.h5", lock = cleaning.run / "run.lock";
  for (const fs::path& other : without_lock(cleaning.files)) {
    if (other != file) remove_one(other);
  }
  remove_file(file);
  remove_file(lock);
  std::error_code ignored;  // a folder that is not empty after all stays
  for (const fs::path& folder : folders_of_run(cleaning.run)) fs::remove(folder, ignored);
}

}  // namespace

std::optional<std::string> carry_out(const RunCleaning& cleaning) {
  const auto lock = lock_of(cleaning.run);
  if (!lock) return "it is in use now";
  if (has_changed(cleaning)) return "it has changed meanwhile";
  if (cleaning.whole) {
    remove_whole(cleaning);
  } else {
    for (const fs::path& file : cleaning.files) remove_one(file);
  }
  return std::nullopt;
}

}  // namespace duel
