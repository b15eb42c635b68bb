#include "plan/memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"

namespace duel {
namespace {

void expect_apart(const std::vector<Piece>& pieces, int64_t total) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& a = pieces[i];
    EXPECT_EQ(a.offset % 64, 0);
    EXPECT_LE(a.offset + a.bytes, total);
    for (std::size_t j = 0; j < i; ++j) {
      const Piece& b = pieces[j];
      const bool at_once = a.first <= b.last && b.first <= a.last;
      const bool overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      EXPECT_FALSE(at_once && overlap) << i << " and " << j;
    }
  }
}

TEST(Pack, AChainNeedsTwoPiecesAtATime) {
  std::vector<Piece> pieces;
  for (int i = 0; i < 10; ++i) pieces.push_back({i, i + 1, 1000, 0});
  EXPECT_EQ(pack(pieces), 2048);
  expect_apart(pieces, 2048);
}

TEST(Pack, SmallPiecesGoIntoTheSmallestGapThatHoldsThem) {
  // Two large ones that live throughout, and between them in time gaps of 256 and 128 bytes.
  std::vector<Piece> pieces{{0, 0, 256, 0},  {0, 9, 2048, 0}, {0, 0, 128, 0},
                            {0, 9, 1024, 0}, {1, 1, 128, 0},  {1, 1, 256, 0}};
  EXPECT_EQ(pack(pieces), 2048 + 1024 + 256 + 128);
  expect_apart(pieces, 2048 + 1024 + 256 + 128);
}

TEST(Pack, NothingOverlapsAndTheArenaIsNotMuchLargerThanThePeak) {
  RandomStream stream(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Piece> pieces;
    std::vector<int64_t> live(60, 0);
    for (int i = 0; i < 80; ++i) {
      const int first = static_cast<int>(stream.below(50));
      const int last = first + static_cast<int>(stream.below(10));
      const auto bytes = static_cast<int64_t>(1 + stream.below(5000));
      pieces.push_back({first, last, bytes, 0});
      for (int t = first; t <= last; ++t) live[static_cast<std::size_t>(t)] += (bytes + 63) / 64 * 64;
    }
    const int64_t total = pack(pieces);
    expect_apart(pieces, total);
    EXPECT_LT(static_cast<double>(total), 1.3 * static_cast<double>(*std::ranges::max_element(live)));
  }
}

}  // namespace
}  // namespace duel
