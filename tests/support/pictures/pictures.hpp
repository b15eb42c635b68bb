// Files of pictures and archives of files, made for tests without the code that they test.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace duel {

struct TestPicture {
  int height = 0;
  int width = 0;
  int channels = 0;  // 1 grey, 2 grey and alpha, 3 colours, 4 and alpha
  int bits = 8;
  std::vector<int> samples;  // row by row, channels side by side
};

// Samples that differ from picture to picture.
TestPicture noise_picture(int height, int width, int channels, uint64_t seed, int bits = 8);
// All samples of one value.
TestPicture even_picture(int height, int width, int channels, int value);

std::string png_file(const TestPicture& picture, bool interlaced = false);
std::string jpeg_file(const TestPicture& picture, int quality = 95);  // 1 or 3 channels, 8 bits

using NamedContents = std::vector<std::pair<std::string, std::string>>;
// A tar file; `filter`: "" or "gzip".
std::string tar_file(const NamedContents& files, const std::string& filter = {});
std::string zip_file(const NamedContents& files);

}  // namespace duel
