#include "tools/overwrite.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "base/error.hpp"
#include "base/text.hpp"
#include "evaluate/statistics.hpp"
#include "store/array_file.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

[[noreturn]] void refuse_place(const fs::path& file, const std::string& what) {
  throw UserError(ExitCode::experiment, fmt::format("{}: {}", file.string(), what), "write to another file");
}

bool begins_with(const fs::path& file, std::string_view start, bool any_case = false) {
  std::string found(start.size(), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(found.data(), static_cast<std::streamsize>(found.size()));
  if (any_case) std::ranges::transform(found, found.begin(), [](unsigned char c) { return std::tolower(c); });
  return stream && found == start;
}

bool is_statistics(const fs::path& file) {
  try {
    read_statistics(file);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

bool is_of(OutputKind kind, const fs::path& file) {
  switch (kind) {
    case OutputKind::page:
      return begins_with(file, "<!doctype html>"sv, true);
    case OutputKind::picture:
      return begins_with(file, "\x89PNG\r\n\x1a\n"sv);
    case OutputKind::numpy:
      return begins_with(file, "\x93NUMPY"sv);
    case OutputKind::values:
      return is_array_file(file, "values");
    case OutputKind::statistics:
      return is_statistics(file);
  }
  return false;
}

std::string name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::page:
      return "page (HTML)";
    case OutputKind::picture:
      return "picture (PNG)";
    case OutputKind::numpy:
      return "NPY file";
    case OutputKind::values:
      return "HDF5 file of values alone";
    case OutputKind::statistics:
      return "file of statistics";
  }
  return {};
}

// What of a run the path is, wherever its links lead; empty for nothing of one.
std::string part_of_run(const fs::path& file) {
  std::error_code ignored;
  const fs::path place = fs::weakly_canonical(fs::absolute(file, ignored), ignored);
  if (place.filename() == "run.h5" && fs::exists(place, ignored)) return "holds the records of a run";
  const fs::path folder = place.parent_path();
  for (const char* part : {"checkpoints", "evaluations", "samples"}) {
    if (folder.filename() == part && fs::exists(folder.parent_path() / "run.h5", ignored)) {
      return fmt::format("lies in {} of a run", part);
    }
  }
  return {};
}

}  // namespace

void refuse_overwrite(const fs::path& file, OutputKind kind) {
  const std::string part = part_of_run(file);
  if (!part.empty()) refuse_place(file, part);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  if (!fs::is_regular_file(file, ignored)) refuse_place(file, "is there already, and no file");
  if (fs::file_size(file, ignored) == 0 || is_of(kind, file)) return;
  refuse_place(file, fmt::format("is there already, and no {}", name_of(kind)));
}

}  // namespace duel
