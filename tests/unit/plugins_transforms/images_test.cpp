// Transforms of images, against arithmetic by hand and the frequencies that random ones must have.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "transform_of.hpp"

namespace duel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using Values = std::vector<float>;

// One image, changed with the random numbers of `step`.
Values apply(const Transform& subject, const Field& field, const Values& image, uint64_t step = 0) {
  const std::vector<Field> before{field};
  Values out(static_cast<std::size_t>(subject.fields(before)[0].shape.elements()));
  RandomStream random(42, {.step = step});
  const std::vector<const float*> from{image.data()};
  const std::vector<float*> to{out.data()};
  subject.apply(before, from, to, &random);
  return out;
}
Values apply(const std::string& yaml, const Field& field, const Values& image, uint64_t step = 0) {
  return apply(*transform(yaml), field, image, step);
}

Shape shape_after(const std::string& yaml, const Field& field) { return transform(yaml)->fields({field})[0].shape; }

Field image(int64_t height, int64_t width, int64_t channels = 1) { return {"image", {height, width, channels}, 0}; }
const Field point{"point", {2}, 0};
const Values numbered{1, 2, 3, 4, 5, 6, 7, 8, 9};  // 3 × 3

TEST(Resize, AveragesAreas) {
  EXPECT_EQ(apply("resize: {size: [1, 2], filter: area}", image(2, 4), {1, 3, 5, 5, 3, 5, 7, 7}), (Values{3, 6}));
  EXPECT_EQ(shape_after("resize: 8", image(5, 6, 3)), (Shape{8, 8, 3}));
  EXPECT_THAT(refusal_of("resize: 8", {point}), HasSubstr("resize: point [2] is no image"));
  EXPECT_THAT(refusal_of("resize: [1, 2, 3]", {image(5, 6)}), HasSubstr("'size' has one number, or height and width"));
  EXPECT_THAT(refusal_of("resize: []", {image(5, 6)}), HasSubstr("'size'"));
  EXPECT_THAT(refusal_of("resize: {size: 4, filter: bicubik}", {image(5, 6)}), HasSubstr("did you mean 'bicubic'?"));
}

TEST(Resize, RemembersNoOtherGeometry) {
  const auto subject = transform("resize: {size: 1, filter: area}");
  EXPECT_THAT(apply(*subject, image(1, 2), {2, 4}), ElementsAre(3));
  EXPECT_THAT(apply(*subject, image(3, 1), {3, 6, 9}), ElementsAre(6));
  EXPECT_THAT(apply("resize: {size: [1, 2], filter: area}", image(1, 2), {2, 4}), ElementsAre(2, 4));
}

TEST(CenterCrop, TakesTheMiddle) {
  EXPECT_THAT(apply("center_crop: 1", image(3, 3), numbered), ElementsAre(5));
  EXPECT_THAT(apply("center_crop: [3, 2]", image(3, 3), numbered), ElementsAre(1, 2, 4, 5, 7, 8));
  EXPECT_THAT(refusal_of("center_crop: 4", {image(3, 3)}),
              HasSubstr("center_crop: 4 × 4 pixels cannot be cut out of image with 3 × 3"));
}

TEST(RandomCrop, TakesEachPlaceAsOften) {
  const auto subject = transform("random_crop: 2");
  std::map<float, int> corners;
  for (uint64_t step = 0; step < 4000; ++step) {
    const Values part = apply(*subject, image(3, 3), numbered, step);
    EXPECT_THAT(part, ElementsAre(part[0], part[0] + 1, part[0] + 3, part[0] + 4));
    ++corners[part[0]];
  }
  EXPECT_EQ(corners.size(), 4u);
  for (const auto& [corner, count] : corners) EXPECT_NEAR(count, 1000, 130) << corner;  // 4.7 standard deviations
}

TEST(RandomCrop, PadsFirst) {
  const auto subject = transform("random_crop: {size: 3, padding: [0, 0, 0, 1], value: -1}");
  std::set<Values> seen;
  for (uint64_t step = 0; step < 40; ++step) seen.insert(apply(*subject, image(3, 3), numbered, step));
  EXPECT_EQ(seen, (std::set<Values>{numbered, {2, 3, -1, 5, 6, -1, 8, 9, -1}}));
  EXPECT_THAT(refusal_of("random_crop: {size: 5, padding: 1}", {image(2, 3)}),
              HasSubstr("random_crop: 5 × 5 pixels cannot be cut out of image with 4 × 5"));
  EXPECT_THAT(refusal_of("random_crop: {size: 2, padding: [1, 2]}", {image(3, 3)}),
              HasSubstr("'padding' has one number"));
}

TEST(Pad, HasThreeModes) {
  EXPECT_THAT(apply("pad: {padding: [1, 0, 0, 2], value: 7}", image(1, 2), {1, 2}),
              ElementsAre(7, 7, 7, 7, 1, 2, 7, 7));
  EXPECT_THAT(apply("pad: {padding: [0, 0, 2, 2], mode: reflect}", image(1, 4), {1, 2, 3, 4}),
              ElementsAre(3, 2, 1, 2, 3, 4, 3, 2));
  EXPECT_THAT(apply("pad: {padding: 1, mode: edge}", image(1, 2), {1, 2}),
              ElementsAre(1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2));
  EXPECT_THAT(refusal_of("pad: {padding: 2, mode: reflect}", {image(2, 9)}),
              HasSubstr("has too few pixels to mirror 2"));
}

TEST(Flip, MirrorsHalfOfTheImages) {
  const auto subject = transform("flip");
  const Values colours{1, 2, 3, 4, 5, 6};
  int flipped = 0;
  for (uint64_t step = 0; step < 1000; ++step) {
    const Values out = apply(*subject, image(1, 2, 3), colours, step);
    EXPECT_THAT(out, testing::AnyOf(colours, Values{4, 5, 6, 1, 2, 3}));
    flipped += out != colours ? 1 : 0;
  }
  EXPECT_NEAR(flipped, 500, 80);  // 5 standard deviations
  EXPECT_EQ(apply("flip: {probability: 0}", image(1, 2, 3), colours), colours);
  EXPECT_THAT(apply("flip: {axis: vertical, probability: 1}", image(3, 3), numbered),
              ElementsAre(7, 8, 9, 4, 5, 6, 1, 2, 3));
  EXPECT_THAT(refusal_of("flip: sideways", {image(1, 1)}), HasSubstr("sideways"));
}

// The two pictures of a pair are changed alike.
TEST(Flip, IsTheSameForAllFieldsOfAnExample) {
  const auto subject = transform("flip");
  const std::vector<Field> before{{"a", {1, 2, 1}, 0}, {"b", {1, 2, 1}, 0}};
  for (uint64_t step = 0; step < 50; ++step) {
    Values a(2), b(2);
    const Values in{1, 2};
    RandomStream random(7, {.step = step});
    subject->apply(before, std::vector<const float*>{in.data(), in.data()}, std::vector<float*>{a.data(), b.data()},
                   &random);
    EXPECT_EQ(a, b);
  }
}

// The one factor of brightness that a draw gives, for the other tests' expectations to be computed from.
double drawn(const std::string& yaml, double from, double value, uint64_t step) {
  return apply(yaml, image(1, 1), {static_cast<float>(from)}, step)[0] / value;
}

TEST(ColorJitter, ChangesBrightnessWithinItsRange) {
  double least = 9, most = 0, sum = 0;
  for (uint64_t step = 0; step < 2000; ++step) {
    const double factor = drawn("color_jitter: {brightness: 0.4}", 100, 100, step);
    least = std::min(least, factor);
    most = std::max(most, factor);
    sum += factor;
  }
  EXPECT_NEAR(least, 0.6, 0.01);
  EXPECT_NEAR(most, 1.4, 0.01);
  EXPECT_NEAR(sum / 2000, 1, 0.025);
  for (uint64_t step = 0; step < 50; ++step) {
    EXPECT_LE(apply("color_jitter: {brightness: 3}", image(1, 1), {200}, step)[0], 255);
  }
  EXPECT_EQ(apply("color_jitter", image(3, 3), numbered), numbered) << "nothing is changed unless told";
}

TEST(ColorJitter, MovesContrastAroundTheMeanAndSaturationAroundGrey) {
  for (uint64_t step = 0; step < 20; ++step) {
    // Of these four the mean is 100; what becomes of 120 tells the factor.
    const Values contrast = apply("color_jitter: {contrast: 0.5}", image(2, 2), {80, 120, 90, 110}, step);
    const double factor = (contrast[1] - 100) / 20;
    EXPECT_GE(factor, 0.5);
    EXPECT_LE(factor, 1.5);
    EXPECT_NEAR(contrast[0], 100 - 20 * factor, 1e-4);
    EXPECT_NEAR(contrast[3], 100 + 10 * factor, 1e-4);

    const Values colour{150, 100, 50};
    const double grey = 0.299 * 150 + 0.587 * 100 + 0.114 * 50;
    const Values changed = apply("color_jitter: {saturation: 0.5}", image(1, 1, 3), colour, step);
    const double share = (changed[0] - grey) / (colour[0] - grey);
    EXPECT_GE(share, 0.5);
    EXPECT_LE(share, 1.5);
    EXPECT_NEAR(changed[1], grey + (100 - grey) * share, 1e-3);
    EXPECT_NEAR(changed[2], grey + (50 - grey) * share, 1e-3);
  }
  EXPECT_EQ(apply("color_jitter: {saturation: 0.5, hue: 0.5}", image(3, 3), numbered), numbered) << "grey has neither";
}

TEST(ColorJitter, TurnsHue) {
  std::set<int> sectors;
  for (uint64_t step = 0; step < 200; ++step) {
    const Values out = apply("color_jitter: {hue: 0.5}", image(1, 1, 4), {255, 55, 55, 9}, step);
    EXPECT_NEAR(std::max({out[0], out[1], out[2]}), 255, 1e-3) << "value and";
    EXPECT_NEAR(std::min({out[0], out[1], out[2]}), 55, 1e-3) << "saturation stay";
    EXPECT_EQ(out[3], 9) << "alpha stays";
    const auto strongest = std::max_element(out.begin(), out.begin() + 3) - out.begin();
    const auto weakest = std::min_element(out.begin(), out.begin() + 3) - out.begin();
    sectors.insert(static_cast<int>(3 * strongest + weakest));
  }
  EXPECT_EQ(sectors.size(), 6u) << "half the circle to either side reaches all six sectors";
  // A little hue stays near: red turns at most into orange or pink.
  for (uint64_t step = 0; step < 50; ++step) {
    const Values out = apply("color_jitter: {hue: 0.1}", image(1, 1, 3), {255, 0, 0}, step);
    EXPECT_NEAR(out[0], 255, 1e-3);
    EXPECT_LE(std::max(out[1], out[2]), 255 * 0.6 + 1e-3);
    EXPECT_EQ(std::min(out[1], out[2]), 0);
  }
}

TEST(ColorJitter, KeepsWithinTheRangeGiven) {
  for (uint64_t step = 0; step < 20; ++step) {
    EXPECT_THAT(apply("color_jitter: {brightness: 1, contrast: 1, range: [-1, 1]}", image(1, 2), {-0.9f, 0.9f}, step),
                Each(testing::AllOf(testing::Ge(-1), testing::Le(1))));
  }
  EXPECT_THAT(refusal_of("color_jitter: {range: [1, 0]}", {image(1, 1)}), HasSubstr("'range' has two numbers"));
  EXPECT_THAT(refusal_of("color_jitter: {hue: 0.6}", {image(1, 1)}), HasSubstr("0.5"));
  EXPECT_THAT(refusal_of("color_jitter", {image(1, 1, 2)}), HasSubstr("has 2 channels, expected 1, 3 or 4"));
}

TEST(Greyscale, WeighsColours) {
  EXPECT_THAT(apply("greyscale", image(1, 2, 3), {255, 0, 0, 0, 100, 200}),
              ElementsAre(testing::FloatNear(76.245f, 1e-3f), testing::FloatNear(81.5f, 1e-3f)));
  const Values three = apply("greyscale: 3", image(1, 1, 4), {0, 255, 0, 17});
  EXPECT_THAT(three, Each(testing::FloatNear(149.685f, 1e-3f)));
  EXPECT_EQ(three.size(), 3u);
  EXPECT_EQ(apply("greyscale", image(3, 3), numbered), numbered);
  EXPECT_THAT(refusal_of("greyscale: 2", {image(1, 1)}), HasSubstr("'channels' is 1 or 3"));
}

TEST(OneHot, IsOfLabels) {
  const Field label{"label", {}, 4};
  EXPECT_THAT(apply("one_hot", label, {2}), ElementsAre(0, 0, 1, 0));
  EXPECT_EQ(transform("one_hot")->fields({label, point}), (std::vector<Field>{{"label", {4}, 0}, point}));
  EXPECT_THAT(refusal_of("one_hot: {fields: [point]}", {point}), HasSubstr("one_hot: point [2] is no label"));
}

}  // namespace
}  // namespace duel
