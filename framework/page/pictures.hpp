// The pictures that a run left in its folder samples/, and as many of them as a page has room for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace duel {

struct PictureFile {
  std::filesystem::path path;
  std::string sample;  // as in the file's name: NAME-step-000300.png; "sample" for step-000300.png
  int64_t step = 0;
  uint64_t bytes = 0;
};

// By sample, then by step. A folder that is missing or cannot be read holds none.
std::vector<PictureFile> find_pictures(const std::filesystem::path& run);

// The bytes of a picture as a data: URL, or "" if it is no PNG file, or gone by now.
std::string picture_url(const PictureFile& picture);

// Which of the pictures fit into `room` bytes of data: URLs: of every series equally many, evenly over its steps, first
// and last before all others. Where not even the last of each fits, those of the first series that do. A series is the
// pictures of one run and sample. Returns places in the series.
std::vector<std::vector<std::size_t>> choose_pictures(std::span<const std::vector<PictureFile>> series, uint64_t room);

}  // namespace duel
