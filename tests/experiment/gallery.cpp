#include "tests/experiment/gallery.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/file.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

const fs::path gallery = fs::path(DUEL_SOURCE_DIR) / "experiments";

// `variant`: ".smoke", ".full", or nothing.
std::vector<std::string> gallery_files(bool sweeps, const char* variant) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(gallery)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".yaml" || file.stem() == "base") continue;
    if ((file.parent_path().filename() == "sweeps") != sweeps) continue;
    if (file.stem().extension() != variant) continue;
    names.push_back(fs::relative(file, gallery).replace_extension().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> gallery_experiments() { return gallery_files(false, ""); }
std::vector<std::string> smoke_experiments() { return gallery_files(false, ".smoke"); }
std::vector<std::string> full_experiments() { return gallery_files(false, ".full"); }
std::vector<std::string> gallery_sweeps() { return gallery_files(true, ""); }
std::vector<std::string> smoke_sweeps() { return gallery_files(true, ".smoke"); }

fs::path experiment_file(const std::string& name) { return gallery / (name + ".yaml"); }

bool lacks_data(const std::string& name) {
  if (std::getenv("DUEL_DATA") != nullptr) return false;
  const Document document = load_document(experiment_file(name));
  return std::any_of(document.files.begin(), document.files.end(), [](const std::string& file) {
    return read_text(file).find("${env:DUEL_DATA") != std::string::npos;
  });
}

std::string test_name(const std::string& name) {
  std::string out = name;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '/' || c == '.' || c == '-'; }, '_');
  return out;
}

}  // namespace duel
