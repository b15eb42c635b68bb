#include "tools/page/write_page.hpp"

#include "base/file.hpp"
#include "tools/page/assets.hpp"

namespace duel {

void require_pages() {
  if (page_assets()) return;
  throw UserError(ExitCode::experiment, "this duel was built without pages",
                  "build it with -DDUEL_PAGE=ON, which needs node and npm; `duel compare` prints a table without them");
}

void write_page(std::span<const std::filesystem::path> folders, const Registry& registry,
                const std::filesystem::path& file) {
  require_pages();
  std::vector<PageRun> runs;
  for (const std::filesystem::path& folder : folders) runs.push_back(read_page_run(folder, registry));
  const PageAssets assets = *page_assets();
  write_file_atomically(file, page_html(page_data(runs, false, assets.script.size() + assets.style.size()), assets));
}

}  // namespace duel
