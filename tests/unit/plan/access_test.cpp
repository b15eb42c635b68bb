#include "plan/access.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace duel {
namespace {

// Where each element of the space lies, by walking the loops.
std::vector<int64_t> offsets(const Access& access) {
  std::vector<int64_t> result{0};
  for (const Axis& axis : access) {
    std::vector<int64_t> next;
    for (const int64_t offset : result) {
      for (int64_t i = 0; i < axis.extent; ++i) next.push_back(offset + i * axis.stride);
    }
    result = std::move(next);
  }
  return result;
}

TEST(Access, CanonicalJoinsLoopsThatRunAsOne) {
  const Axis axes[] = {{2, 12}, {3, 4}, {1, 77}, {4, 1}};
  EXPECT_EQ(canonical(axes), dense_access(24));
  const Axis repeated[] = {{2, 0}, {3, 0}, {4, 1}};
  EXPECT_EQ(canonical(repeated), (Access{{6, 0}, {4, 1}}));
  const Axis one[] = {{1, 5}};
  EXPECT_EQ(canonical(one), Access{});
  EXPECT_TRUE(is_dense(Access{}));
}

TEST(Access, BroadcastAlignsTheLastAxes) {
  EXPECT_EQ(broadcast_access({3}, {2, 3}), (Access{{2, 0}, {3, 1}}));
  EXPECT_EQ(broadcast_access({2, 1}, {2, 3}), (Access{{2, 1}, {3, 0}}));
  EXPECT_EQ(broadcast_access({4, 1, 3}, {4, 2, 3}), (Access{{4, 3}, {2, 0}, {3, 1}}));
  EXPECT_EQ(broadcast_access({}, {2, 3}), (Access{{6, 0}}));
  EXPECT_EQ(broadcast_access({1, 6}, {6}), dense_access(6));
}

TEST(Access, FoldKeepsTheOtherAxesDense) {
  const int64_t first[] = {0};
  EXPECT_EQ(fold_access({2, 3}, first), (Access{{2, 0}, {3, 1}}));
  const int64_t outer_and_inner[] = {0, 2};
  EXPECT_EQ(fold_access({2, 3, 4}, outer_and_inner), (Access{{2, 0}, {3, 1}, {4, 0}}));
  const int64_t all[] = {0, 1};
  EXPECT_EQ(fold_access({2, 3}, all), (Access{{6, 0}}));
}

TEST(Access, ComposeWalksThroughBothPatterns) {
  // [3] → [2, 3] → as [6] → [4, 6]
  const Access row = broadcast_access({3}, {2, 3});
  const Access rows = broadcast_access({6}, {4, 6});
  const auto both = compose(rows, row);
  ASSERT_TRUE(both);
  EXPECT_EQ(*both, (Access{{8, 0}, {3, 1}}));
  EXPECT_EQ(compose(rows, dense_access(6)), rows);
}

TEST(Access, ComposeGivesTheSameElementsAsWalkingTwice) {
  const Access inner = broadcast_access({4, 1, 3}, {4, 5, 3});  // 60 elements
  for (const Shape& from : {Shape{60}, Shape{4, 1, 15}, Shape{1, 20, 1, 3}, Shape{4, 5, 3, 1}}) {
    Shape to = from;
    for (int i = 0; i < to.rank(); ++i) {
      if (to[i] == 1) to[i] = 2;
    }
    const Access outer = broadcast_access(from, to);
    const auto both = compose(outer, inner);
    ASSERT_TRUE(both) << to_string(from);
    std::vector<int64_t> expected;
    const auto through = offsets(inner);
    for (const int64_t offset : offsets(outer)) expected.push_back(through[static_cast<std::size_t>(offset)]);
    EXPECT_EQ(offsets(*both), expected) << to_string(from);
  }
}

TEST(Access, ComposeRefusesLoopsThatCross) {
  // The columns of [6] as [2, 3], each repeated: steps of 3 through an inner pattern cut at 2.
  const Access outer{{2, 3}, {3, 1}, {2, 0}};
  const Access inner{{3, 1}, {2, 0}};
  EXPECT_FALSE(compose(Access{{2, 3}, {2, 0}}, inner));
  EXPECT_FALSE(compose(outer, inner));
}

TEST(Access, RefineFindsTheCommonLoops) {
  EXPECT_EQ(refine({24}, broadcast_access({6}, {4, 6})), (Loops{4, 6}));
  EXPECT_EQ(refine({4, 6}, broadcast_access({2}, {12, 2})), (Loops{4, 3, 2}));
  EXPECT_EQ(refine({3, 2}, broadcast_access({3}, {2, 3})), std::nullopt);
  EXPECT_THROW(refine({5}, dense_access(6)), InternalError);
}

TEST(Access, StridesAlongFinerLoops) {
  EXPECT_EQ(strides_along({2, 2, 6}, broadcast_access({6}, {4, 6})), (std::vector<int64_t>{0, 0, 1}));
  EXPECT_EQ(strides_along({4, 3, 2}, dense_access(24)), (std::vector<int64_t>{6, 2, 1}));
  EXPECT_EQ(strides_along({4, 2, 3}, broadcast_access({4, 1}, {4, 6})), (std::vector<int64_t>{1, 0, 0}));
  EXPECT_EQ(strides_along({1}, Access{}), (std::vector<int64_t>{0}));
  EXPECT_THROW(strides_along({3, 2}, broadcast_access({3}, {2, 3})), InternalError);
}

}  // namespace
}  // namespace duel
