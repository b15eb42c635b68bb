#include "base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "base/error.hpp"

namespace duel {
namespace {

// The known answers that Random123 ships for philox4x32 with ten rounds (its file kat_vectors).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, CounterKeepsEveryFieldApart) {
  const auto counter = random_counter({0xabcd12345678, 0x1357, 0x2468}, 0x9abcdef01234);
  EXPECT_EQ(counter, (PhiloxCounter{0xdef01234, 0x24689abc, 0x12345678, 0x1357abcd}));
  EXPECT_THROW(random_counter({}, uint64_t{1} << 48), InternalError);
  EXPECT_THROW(random_counter({uint64_t{1} << 48, 0, 0}, 0), InternalError);
}

TEST(Philox, BitsAreTheKnownAnswerUnderTheSplitKey) {
  EXPECT_EQ(random_bits(0xa4093822299f31d0, {3, 1, 2}, 7),
            philox4x32(random_counter({3, 1, 2}, 7), {0x299f31d0, 0xa4093822}));
}

TEST(StreamKey, TellsStreamsApart) {
  std::set<uint64_t> keys;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    for (uint64_t attempt = 0; attempt < 3; ++attempt) {
      for (const char* name : {"", "z", "z.1", "1.z", "data"}) keys.insert(stream_key(seed, attempt, name));
    }
  }
  EXPECT_EQ(keys.size(), 10u * 3 * 5);
}

// Fixed for ever: checkpoints rely on it. Computed apart with Python's integers (random_vectors.py).
TEST(StreamKey, StaysWhatItIs) {
  EXPECT_EQ(stream_key(0, 0, ""), 0xa5e0dba6c385580a);
  EXPECT_EQ(stream_key(42, 1, "values.z"), 0x944cc9f50a7589e3);
}

TEST(Uniform, Bounds) {
  EXPECT_EQ(uniform_float(0), 0.0f);
  EXPECT_LT(uniform_float(0xffffffff), 1.0f);
  EXPECT_EQ(uniform_float(0x80000000), 0.5f);
  EXPECT_EQ(uniform_double(0), 0.0);
  EXPECT_LT(uniform_double(0xffffffff), 1.0);
  EXPECT_EQ(uniform_double(0x40000000), 0.25);
}

TEST(Normal, TailsAreFinite) {
  EXPECT_NEAR(normal_pair(0, 0)[0], 6.7637, 1e-3);
  EXPECT_NEAR(normal_pair(0xffffffff, 0)[0], 0, 2e-5);
  EXPECT_NEAR(normal_pair(0, 0x40000000)[1], 6.7637, 1e-3);
}

TEST(RandomStream, MomentsOfNormalAndUniform) {
  constexpr int count = 200000;
  RandomStream stream(stream_key(1, 0, "moments"));
  double sum = 0, squares = 0, cubes = 0, fourths = 0, uniforms = 0;
  for (int i = 0; i < count; ++i) {
    const double x = stream.normal();
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    uniforms += stream.uniform(-1, 3);
  }
  // Five standard errors each.
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(cubes / count, 0, 5 * std::sqrt(15.0 / count));
  EXPECT_NEAR(fourths / count, 3, 5 * std::sqrt(96.0 / count));
  EXPECT_NEAR(uniforms / count, 1, 5 * std::sqrt(16.0 / 12 / count));
}

TEST(RandomStream, WalksTheElementsOfTheStream) {
  const uint64_t key = stream_key(7, 0, "walk");
  const DrawClock clock{5, 1, 2};
  RandomStream stream(key, clock);
  for (uint64_t element = 0; element < 12; ++element) {
    EXPECT_EQ(stream.bits(), random_bits(key, clock, element / 4)[element % 4]);
  }
}

TEST(RandomStream, BelowIsUnbiased) {
  RandomStream stream(stream_key(3, 0, "below"));
  std::vector<int> counts(6);
  constexpr int draws = 60000;
  for (int i = 0; i < draws; ++i) ++counts[stream.below(6)];
  for (const int n : counts) EXPECT_NEAR(n, draws / 6, 5 * std::sqrt(draws / 6.0));
  // With a bound of 3/4 of 2^64, a remainder without rejection would make the lowest quarter twice as likely.
  const uint64_t bound = uint64_t{3} << 62;
  int lowest_third = 0;
  for (int i = 0; i < 30000; ++i) lowest_third += stream.below(bound) < bound / 3;
  EXPECT_NEAR(lowest_third, 10000, 5 * std::sqrt(30000 * 2.0 / 9));
  EXPECT_EQ(stream.below(1), 0u);
  EXPECT_THROW(stream.below(0), InternalError);
}

TEST(PermutedIndex, IsABijectionForEverySize) {
  for (const uint64_t size : {1, 2, 3, 4, 5, 7, 16, 17, 63, 64, 65, 1000, 4096, 60000}) {
    for (const uint64_t key : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
      std::vector<bool> seen(size);
      for (uint64_t i = 0; i < size; ++i) {
        const uint64_t j = permuted_index(key, size, i);
        ASSERT_LT(j, size);
        ASSERT_FALSE(seen[j]) << "size " << size << " index " << i;
        seen[j] = true;
      }
    }
  }
  EXPECT_THROW(permuted_index(0, 5, 5), InternalError);
}

TEST(PermutedIndex, EveryPlaceIsAsLikely) {
  constexpr int size = 7, keys = 21000;
  std::vector<int> counts(size * size);
  for (int key = 0; key < keys; ++key) {
    const uint64_t stream = stream_key(static_cast<uint64_t>(key), 0, "shuffle");
    for (int i = 0; i < size; ++i) {
      ++counts[static_cast<std::size_t>(i) * size + permuted_index(stream, size, static_cast<uint64_t>(i))];
    }
  }
  for (const int n : counts) EXPECT_NEAR(n, keys / size, 5 * std::sqrt(keys / size));
}

TEST(PermutedIndex, LargeSizesNeedNoTable) {
  const uint64_t size = (uint64_t{1} << 61) + 12345;
  std::set<uint64_t> images;
  for (uint64_t i = 0; i < 1000; ++i) images.insert(permuted_index(9, size, size - 1 - i));
  EXPECT_EQ(images.size(), 1000u);
  EXPECT_LT(*images.rbegin(), size);
}

}  // namespace
}  // namespace duel
