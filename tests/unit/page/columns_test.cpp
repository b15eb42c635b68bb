#include "page/columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace duel {
namespace {

using ::testing::ElementsAre;

// What a browser does, written another way.
std::vector<unsigned char> unpacked(const std::string& text) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<unsigned char> packed;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(digits.find(c));
    held += 6;
    if (held >= 8) {
      held -= 8;
      packed.push_back(static_cast<unsigned char>(bits >> held));
    }
  }
  std::vector<unsigned char> out(1 << 20);
  uLongf length = out.size();
  EXPECT_EQ(uncompress(out.data(), &length, packed.data(), packed.size()), Z_OK);
  out.resize(length);
  return out;
}

template <class T>
std::vector<T> column_at(const std::vector<unsigned char>& bytes, const nlohmann::json& place) {
  std::vector<T> out(place[2].get<std::size_t>());
  std::memcpy(out.data(), bytes.data() + place[1].get<std::size_t>(), out.size() * sizeof(T));
  return out;
}

TEST(Columns, AreReadBackAsTheyWere) {
  Columns columns;
  const auto numbers = columns.add_numbers(std::vector<double>{1.5, -2.25, 1e300});
  const auto indices = columns.add_indices(std::vector<uint32_t>{3, 10, 4000000000});
  const auto steps = columns.add_steps(std::vector<int64_t>{10, 20, int64_t{1} << 52});
  const auto bytes = unpacked(columns.packed());
  EXPECT_EQ(numbers[0], "f");
  EXPECT_THAT(column_at<float>(bytes, numbers), ElementsAre(1.5F, -2.25F, std::numeric_limits<float>::infinity()));
  EXPECT_EQ(indices[0], "i");
  EXPECT_THAT(column_at<uint32_t>(bytes, indices), ElementsAre(3, 7, 3999999990));
  EXPECT_EQ(steps[0], "d");
  EXPECT_THAT(column_at<double>(bytes, steps), ElementsAre(10, 10, 4503599627370476.0));
  for (const auto& place : {numbers, indices, steps}) EXPECT_EQ(place[1].get<int>() % 8, 0);
}

TEST(Columns, OfNothingAreEmpty) { EXPECT_TRUE(unpacked(Columns().packed()).empty()); }

TEST(Base64, IsThatOfRfc4648) {
  const auto encoded = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace duel
