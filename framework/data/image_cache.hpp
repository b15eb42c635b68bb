// Decoded images of one size, as many as fit.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/file.hpp"

namespace duel {

// Holds the images 0 … capacity-1, each once it has been put. None is ever driven out: in every epoch each image comes
// once, so that what was used longest ago is not what will be wanted last, and the first images are as good as any.
// All functions may be called from any number of threads at once.
class ImageCache {
 public:
  // Room for as many of `images` images of `image_bytes` as `bytes` hold. The memory is the system's to give when it
  // is first written.
  ImageCache(int64_t images, int64_t image_bytes, int64_t bytes);

  int64_t capacity() const { return static_cast<int64_t>(states_.size()); }
  // The image, which stays; empty if it is not there (yet).
  std::span<const std::byte> find(int64_t image) const;
  // Keeps a copy, if the image has a place and is not there yet.
  void put(int64_t image, std::span<const std::byte> pixels);

 private:
  enum class State : uint8_t { empty, being_written, ready };

  std::byte* place(int64_t image) const { return memory_.get() + image * image_bytes_; }

  int64_t image_bytes_;
  std::vector<std::atomic<State>> states_;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace duel
