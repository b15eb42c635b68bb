#include "base/shape.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace duel {
namespace {

TEST(Shape, KnowsItsExtents) {
  const Shape shape{64, 28, 28, 1};
  EXPECT_EQ(shape.rank(), 4);
  EXPECT_EQ(shape[1], 28);
  EXPECT_EQ(shape[-1], 1);
  EXPECT_EQ(shape[-4], 64);
  EXPECT_EQ(shape.elements(), 64 * 28 * 28);
  EXPECT_EQ(to_string(shape), "[64, 28, 28, 1]");
  EXPECT_THROW(shape[4], InternalError);
  EXPECT_THROW(shape[-5], InternalError);
}

TEST(Shape, ScalarsAndEmptyTensors) {
  EXPECT_EQ(Shape{}.elements(), 1);
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ((Shape{3, 0, 5}).elements(), 0);
  EXPECT_THROW((Shape{-1}), InternalError);
}

TEST(Shape, OverflowIsSeen) {
  const int64_t big = int64_t{1} << 32;
  EXPECT_EQ((Shape{big, big}).checked_elements(), std::nullopt);
  EXPECT_THROW((Shape{big, big}).elements(), InternalError);
  EXPECT_EQ((Shape{big, 2}).checked_elements(), big * 2);
}

TEST(Shape, AxesComeAndGo) {
  const Shape shape{28, 14, 3};
  EXPECT_EQ(shape.prepend(64), (Shape{64, 28, 14, 3}));
  EXPECT_EQ(shape.without_first(), (Shape{14, 3}));
  EXPECT_EQ(shape.without(1), (Shape{28, 3}));
  EXPECT_EQ(shape.without(-1), (Shape{28, 14}));
  EXPECT_NE(shape, (Shape{28, 14}));
  EXPECT_THROW((Shape{1, 2, 3, 4, 5, 6, 7, 8}).prepend(0), InternalError);
}

TEST(Shape, StridesAreRowMajor) {
  const auto strides = row_major_strides(Shape{2, 3, 4});
  EXPECT_EQ(strides[0], 12);
  EXPECT_EQ(strides[1], 4);
  EXPECT_EQ(strides[2], 1);
}

}  // namespace
}  // namespace duel
