#include "page/pictures.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "page/columns.hpp"
#include "page/thinning.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t largest_picture = uint64_t{4} << 20;

// Digits with leading zeros, which parse_integer refuses.
std::optional<int64_t> step_of(std::string_view digits) {
  const std::size_t start = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return digits.empty() ? std::nullopt : parse_integer(digits.substr(start));
}

std::optional<PictureFile> picture_file(const fs::directory_entry& entry) {
  const std::string name = entry.path().stem().string();
  const std::size_t at = name.rfind("step-");
  if (entry.path().extension() != ".png" || at == std::string::npos) return std::nullopt;
  if (at > 0 && name[at - 1] != '-') return std::nullopt;
  const std::string digits = name.substr(at + 5);
  const auto step = digits.empty() ? std::nullopt : step_of(digits);
  std::error_code failed;
  const uint64_t bytes = entry.file_size(failed);
  if (!step || failed) return std::nullopt;
  return PictureFile{entry.path(), at > 0 ? name.substr(0, at - 1) : "sample", *step, bytes};
}

uint64_t url_bytes(uint64_t bytes) { return (bytes + 2) / 3 * 4 + 32; }

uint64_t room_of(std::span<const std::vector<PictureFile>> series, std::size_t each) {
  uint64_t sum = 0;
  for (const auto& pictures : series) {
    for (const std::size_t i : evenly(pictures.size(), each)) sum += url_bytes(pictures[i].bytes);
  }
  return sum;
}

}  // namespace

std::vector<PictureFile> find_pictures(const fs::path& run) {
  std::vector<PictureFile> out;
  std::error_code failed;
  for (fs::directory_iterator entry(run / "samples", failed), end; !failed && entry != end; entry.increment(failed)) {
    if (const auto picture = picture_file(*entry)) out.push_back(*picture);
  }
  std::ranges::sort(out, {}, [](const PictureFile& picture) { return std::tie(picture.sample, picture.step); });
  return out;
}

std::string picture_url(const PictureFile& picture) {
  static constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
  try {
    const Bytes bytes = read_file(picture.path, largest_picture);
    const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 8));
    return start == signature ? "data:image/png;base64," + base64(bytes) : "";
  } catch (const UserError&) {
    return "";
  }
}

std::vector<std::vector<std::size_t>> choose_pictures(std::span<const std::vector<PictureFile>> series, uint64_t room) {
  std::size_t low = 0, high = 0;  // pictures of each series: low fit, more than high there are not
  for (const auto& pictures : series) high = std::max(high, pictures.size());
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    if (room_of(series, middle) <= room) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  std::vector<std::vector<std::size_t>> out;
  for (const auto& pictures : series) {
    std::vector<std::size_t> chosen = evenly(pictures.size(), std::max<std::size_t>(low, 1));
    if (low == 0 && !chosen.empty()) {
      const uint64_t bytes = url_bytes(pictures[chosen.front()].bytes);
      if (bytes > room)
        chosen.clear();
      else
        room -= bytes;
    }
    out.push_back(std::move(chosen));
  }
  return out;
}

}  // namespace duel
