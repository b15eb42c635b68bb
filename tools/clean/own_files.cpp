#include "tools/clean/own_files.hpp"

#include <algorithm>
#include <regex>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

struct OwnFolder {
  std::string name;
  std::regex files;
};

// As docs/run-folder.md names them; the run's own folder first.
const std::vector<OwnFolder>& own_folders() {
  static const std::vector<OwnFolder> folders{{"", std::regex(R"(run\.h5|run\.lock|report\.html|failure\.txt)")},
                                              {"checkpoints", std::regex(R"(step-\d{6,}\.h5)")},
                                              {"samples", std::regex(R"((.+-)?step-\d{6,}\.png)")},
                                              {"evaluations", std::regex(R"(.+-step-\d{6,}(-\d+)?\.h5)")}};
  return folders;
}

fs::path path_of(const OwnFolder& own, const fs::path& run) { return own.name.empty() ? run : run / own.name; }

bool is_own_folder(const fs::directory_entry& entry, const std::string& within) {
  std::error_code ignored;
  const std::string name = entry.path().filename().string();
  return within.empty() && entry.is_directory(ignored) && !entry.is_symlink(ignored) &&
         std::ranges::find(own_folders(), name, &OwnFolder::name) != own_folders().end();
}

void sort_into(const fs::directory_entry& entry, const OwnFolder& folder, RunFiles& files) {
  std::error_code ignored;
  const bool plain = entry.is_regular_file(ignored) && !entry.is_symlink(ignored);
  const std::string name = entry.path().filename().string();
  if (plain && std::regex_match(name, folder.files)) {
    files.own.push_back(entry.path());
  } else if (plain && is_temporary_name(name)) {
    files.temporary.push_back(entry.path());
  } else if (!is_own_folder(entry, folder.name)) {
    files.foreign.push_back(entry.path());
  }
}

}  // namespace

std::vector<fs::path> folders_of_run(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const OwnFolder& own : own_folders()) folders.push_back(path_of(own, folder));
  std::ranges::reverse(folders);
  return folders;
}

RunFiles files_of_run(const fs::path& folder) {
  RunFiles files;
  for (const OwnFolder& own : own_folders()) {
    const fs::path path = path_of(own, folder);
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      sort_into(*entry, own, files);
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      throw UserError(ExitCode::data,
                      Problem{{path.string(), 0, 0}, {}, "cannot list the folder: " + error.message(), {}, {}});
    }
  }
  for (auto* list : {&files.own, &files.temporary, &files.foreign}) std::ranges::sort(*list);
  return files;
}

uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace duel
