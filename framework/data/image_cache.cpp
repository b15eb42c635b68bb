#include "data/image_cache.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace duel {

ImageCache::ImageCache(int64_t images, int64_t image_bytes, int64_t bytes)
    : image_bytes_(image_bytes),
      states_(static_cast<std::size_t>(std::min(images, bytes / image_bytes))),
      memory_(std::make_unique_for_overwrite<std::byte[]>(states_.size() * static_cast<std::size_t>(image_bytes))) {}

std::span<const std::byte> ImageCache::find(int64_t image) const {
  if (image >= capacity()) return {};
  const auto& state = states_[static_cast<std::size_t>(image)];
  if (state.load(std::memory_order_acquire) != State::ready) return {};
  return {place(image), static_cast<std::size_t>(image_bytes_)};
}

void ImageCache::put(int64_t image, std::span<const std::byte> pixels) {
  DUEL_CHECK(std::ssize(pixels) == image_bytes_, "{} bytes for an image of {}", pixels.size(), image_bytes_);
  if (image >= capacity()) return;
  auto& state = states_[static_cast<std::size_t>(image)];
  State expected = State::empty;
  if (!state.compare_exchange_strong(expected, State::being_written, std::memory_order_acquire)) return;
  std::ranges::copy(pixels, place(image));
  state.store(State::ready, std::memory_order_release);
}

}  // namespace duel
