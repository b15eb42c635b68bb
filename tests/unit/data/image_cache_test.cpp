#include "data/image_cache.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace duel {
namespace {

Bytes filled(int value) { return Bytes(8, static_cast<std::byte>(value)); }

TEST(ImageCache, KeepsTheFirstThatFit) {
  ImageCache cache(10, 8, 31);
  EXPECT_EQ(cache.capacity(), 3);
  for (const int image : {2, 3, 0}) cache.put(image, filled(image));
  EXPECT_TRUE(cache.find(1).empty());
  EXPECT_TRUE(cache.find(3).empty()) << "it has no place";
  EXPECT_EQ(cache.find(2).front(), std::byte{2});
  EXPECT_EQ(cache.find(0).size(), 8u);
  cache.put(2, filled(9));
  EXPECT_EQ(cache.find(2).front(), std::byte{2}) << "what is there stays";
  EXPECT_EQ(ImageCache(10, 8, 0).capacity(), 0);
  EXPECT_EQ(ImageCache(2, 8, 1000).capacity(), 2);
}

TEST(ImageCache, GivesWholeImagesToAllThreads) {
  constexpr int images = 2000;
  ImageCache cache(images, 8, images * 8);
  const auto work = [&] {
    for (int i = 0; i < images; ++i) {
      cache.put(i, filled(i % 256));
      const auto found = cache.find(i);
      if (found.empty()) continue;  // another thread writes it just now
      for (const std::byte value : found) EXPECT_EQ(value, static_cast<std::byte>(i % 256));
    }
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  for (int i = 0; i < images; ++i) EXPECT_FALSE(cache.find(i).empty());
}

}  // namespace
}  // namespace duel
