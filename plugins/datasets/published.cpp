#include "plugins/datasets/published.hpp"

#include <fmt/format.h>

#include <system_error>

#include "data/errors.hpp"

namespace duel {

void require_published(const std::filesystem::path& path, const std::string& set, const std::filesystem::path& folder) {
  std::error_code unreadable;  // then reading it says why
  if (std::filesystem::exists(path, unreadable) || unreadable) return;
  fail_data(path, "is not there",
            fmt::format("fetch it with 'duel data fetch {} --to {}', or set DUEL_DATA to the folder that holds {}/",
                        set, folder.string(), set));
}

std::string published_idx_set(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  return name == "mnist" || name == "fashion-mnist" ? name : "";
}

}  // namespace duel
