#include "tests/experiment/stand_in_data.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/pictures/pictures.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// `begin`, then zeros up to `bytes`, which take no place on a disk.
void write_mostly_zeros(const fs::path& file, const std::string& begin, uint64_t bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << begin;
  fs::resize_file(file, bytes);
}

// One picture under `count` names.
void write_pictures(const fs::path& folder, int count, const TestPicture& picture) {
  fs::create_directories(folder);
  const fs::path first = folder / "0.png";
  std::ofstream(first, std::ios::binary) << png_file(picture);
  for (int i = 1; i < count; ++i) fs::create_hard_link(first, folder / fmt::format("{}.png", i));
}

// The head of a file of MNIST: bytes, and big-endian extents.
std::string idx_head(const std::vector<uint32_t>& extents) {
  std::string head{'\0', '\0', '\x08', static_cast<char>(extents.size())};
  for (const uint32_t extent : extents) {
    for (int shift = 24; shift >= 0; shift -= 8) head.push_back(static_cast<char>(extent >> shift & 0xff));
  }
  return head;
}

}  // namespace

void make_stand_in_data(const fs::path& folder) {
  constexpr uint32_t digits = 50'000;
  const std::string images = idx_head({digits, 28, 28});
  const std::string labels = idx_head({digits});
  write_mostly_zeros(folder / "mnist/train-images-idx3-ubyte.gz", images, images.size() + digits * 28 * 28);
  write_mostly_zeros(folder / "mnist/train-labels-idx1-ubyte.gz", labels, labels.size() + digits);
  write_mostly_zeros(folder / "cifar10/data_batch_1.bin", "", 5'000 * (1 + 32 * 32 * 3));
  write_pictures(folder / "lsun/bedroom", 128, even_picture(9, 12, 3, 100));
  write_pictures(folder / "celeba", 64, even_picture(218, 178, 3, 100));
  for (int label = 0; label < 10; ++label) {
    write_pictures(folder / fmt::format("imagenet/train/n{:08}", label), 205, even_picture(12, 9, 3, 100));
  }
  write_pictures(folder / "oct/train", 64, even_picture(8, 8, 1, 100));
  write_pictures(folder / "oct/healthy", 500, even_picture(8, 8, 1, 100));
  write_pictures(folder / "oct/anomalous", 500, even_picture(8, 8, 1, 100));
}

}  // namespace duel
