#include "ops/taps.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.hpp"

namespace duel {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::Pointwise;

std::vector<double> applied(const Taps& taps, const std::vector<double>& x) {
  EXPECT_EQ(taps.inputs, std::ssize(x));
  std::vector<double> out;
  for (std::size_t row = 0; row + 1 < taps.starts.size(); ++row) {
    double sum = 0;
    for (auto t = static_cast<std::size_t>(taps.starts[row]); t < static_cast<std::size_t>(taps.starts[row + 1]); ++t) {
      sum += taps.weight[t] * x[static_cast<std::size_t>(taps.index[t])];
    }
    out.push_back(sum);
  }
  return out;
}

std::vector<Resizing> all_resizings() {
  std::vector<Resizing> all;
  for (const auto filter : {ResizeFilter::linear, ResizeFilter::cubic}) {
    for (const auto edge : {FilterEdge::renormalize, FilterEdge::repeat}) {
      for (const bool antialias : {false, true})
        all.push_back({.filter = filter, .edge = edge, .antialias = antialias});
    }
  }
  return all;
}

TEST(ResizingTaps, KeepConstantsAndSizes) {
  for (const Resizing& how : all_resizings()) {
    for (const int64_t from : {1, 2, 3, 7}) {
      for (const int64_t to : {1, 2, 5, 14}) {
        const auto out = applied(resizing_taps(from, to, how), std::vector<double>(static_cast<std::size_t>(from), 3));
        EXPECT_EQ(std::ssize(out), to);
        EXPECT_THAT(out, Each(DoubleNear(3, 1e-12))) << from << " to " << to;
      }
    }
    EXPECT_THAT(applied(resizing_taps(4, 4, how), {1, 5, -2, 8}), ElementsAre(1, 5, -2, 8));
  }
}

TEST(ResizingTaps, OfAnAreaAreTheMeanOfWhatIsCovered) {
  Resizing how{.filter = ResizeFilter::area, .antialias = true};
  EXPECT_THAT(applied(resizing_taps(6, 3, how), {1, 3, 5, 7, 9, 11}), ElementsAre(2, 6, 10));
  EXPECT_THAT(applied(resizing_taps(2, 4, how), {1, 3}), ElementsAre(1, 1, 3, 3));
  how.part = AxisPart{2, 6};
  EXPECT_THAT(applied(resizing_taps(6, 2, how), {1, 3, 5, 7, 9, 11}), ElementsAre(6, 10));
}

// What lies beyond the part, but not beyond the edge, is seen.
TEST(ResizingTaps, OfAPartSeeItsNeighbours) {
  EXPECT_THAT(applied(resizing_taps(3, 2, {.part = AxisPart{1, 2}}), {4, 8, 16}), ElementsAre(7, 10));
  EXPECT_THROW(resizing_taps(3, 2, {.part = AxisPart{1, 4}}), InternalError);
}

// Taps that lie evenly around a place give the value there of what is a line.
TEST(ResizingTaps, FollowALineAwayFromTheEdges) {
  std::vector<double> line;
  for (int i = 0; i < 24; ++i) line.push_back(i + 0.5);
  for (const Resizing& how : all_resizings()) {
    for (const int64_t to : {72, 8}) {
      const double scale = 24.0 / static_cast<double>(to);
      const double reach = (how.filter == ResizeFilter::linear ? 1 : 2) * (how.antialias ? std::max(1.0, scale) : 1);
      const auto out = applied(resizing_taps(24, to, how), line);
      int compared = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        const double place = (static_cast<double>(i) + 0.5) * scale;
        if (place < reach + 0.5 || place > 23.5 - reach) continue;
        EXPECT_NEAR(out[i], place, 1e-12);
        ++compared;
      }
      EXPECT_GE(compared, 4);
    }
  }
}

TEST(AverageTaps, CountWhatIsThere) {
  EXPECT_THAT(applied(average_taps(4, 3, 2, 1, 1, false), {3, 6, 9, 12}), ElementsAre(4.5, 9));
  EXPECT_THAT(applied(average_taps(4, 3, 2, 1, 1, true), {3, 6, 9, 12}), Pointwise(DoubleNear(1e-12), {3.0, 9.0}));
}

TEST(BorderTaps, RepeatOrReflect) {
  EXPECT_THAT(applied(border_taps(3, 2, 1, Border::reflect), {1, 2, 3}), ElementsAre(3, 2, 1, 2, 3, 2));
  EXPECT_THAT(applied(border_taps(3, 2, 1, Border::repeat), {1, 2, 3}), ElementsAre(1, 1, 1, 2, 3, 3));
  EXPECT_THAT(applied(border_taps(3, 2, 1, Border::zero), {1, 2, 3}), ElementsAre(0, 0, 1, 2, 3, 0));
  EXPECT_THROW(border_taps(3, 3, 0, Border::reflect), InternalError);
}

TEST(FilterTaps, AreCentredAndCorrelate) {
  const double three[] = {1, 10, 100};
  EXPECT_THAT(applied(filter_taps(3, three, 1, Border::zero), {1, 2, 3}), ElementsAre(210, 321, 32));
  const double two[] = {1, 10};
  EXPECT_THAT(applied(filter_taps(4, two, 2, Border::repeat), {1, 2, 3, 4}), ElementsAre(21, 43));
}

TEST(StridedTaps, BeginWithTheFirst) {
  EXPECT_THAT(applied(strided_taps(5, 2), {1, 2, 3, 4, 5}), ElementsAre(1, 3, 5));
}

}  // namespace
}  // namespace duel
