// Transforms on one example, against arithmetic by hand.

#include "transform_of.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

const std::vector<Field> image_and_label{{"image", {1, 2, 2}, 0}, {"label", {}, 10}};

struct Result {
  std::vector<Field> fields;
  std::vector<float> first, second;
};

// Applies a transform to an example of two fields, the second of one number.
Result apply_to_pair(const std::string& yaml, const std::vector<Field>& before, const std::vector<float>& first,
                     float second) {
  const auto subject = transform(yaml);
  Result result{subject->fields(before), {}, {}};
  result.first.resize(static_cast<std::size_t>(result.fields[0].shape.elements()));
  result.second.resize(static_cast<std::size_t>(result.fields[1].shape.elements()));
  RandomStream random(1);
  const std::vector<const float*> in{first.data(), &second};
  const std::vector<float*> out{result.first.data(), result.second.data()};
  subject->apply(before, in, out, &random);
  return result;
}

TEST(Rescale, MapsImagesAndLeavesLabels) {
  const Result result = apply_to_pair("rescale: [-1, 1]", image_and_label, {0, 255, 127.5, 51}, 7);
  EXPECT_EQ(result.fields, image_and_label);
  EXPECT_EQ(result.first, (std::vector<float>{-1, 1, 0, -0.6f}));
  EXPECT_EQ(result.second, std::vector<float>{7});
}

TEST(Rescale, MapsPointsFromTheRangeGiven) {
  const std::vector<Field> fields{{"point", {2}, 0}, {"label", {}, 3}};
  EXPECT_EQ(apply_to_pair("rescale: {to: [0, 10], from: [2, 4]}", fields, {2, 5}, 1).first,
            (std::vector<float>{0, 15}));
  EXPECT_THAT(refusal_of("rescale", fields), HasSubstr("point [2] is no image, so its range must be given"));
  EXPECT_THAT(refusal_of("rescale: 3", fields), HasSubstr("'to' must be two different numbers"));
  EXPECT_THAT(refusal_of("rescale: {to: [0, 1], from: [2, 2]}", fields), HasSubstr("'from' must be two different"));
}

TEST(Standardize, HasOneNumberForAllOrOneAChannel) {
  const std::vector<float> pixels{10, 20, 30, 40};
  EXPECT_EQ(apply_to_pair("standardize: {mean: 10, deviation: 5}", image_and_label, pixels, 7).first,
            (std::vector<float>{0, 2, 4, 6}));
  EXPECT_EQ(apply_to_pair("standardize: {mean: [10, 20], deviation: [10, 20]}", image_and_label, pixels, 7).first,
            (std::vector<float>{0, 0, 2, 1}));
  EXPECT_THAT(refusal_of("standardize: {mean: [1, 2, 3], deviation: 1}", image_and_label),
              HasSubstr("'mean' has 3 numbers, image [1, 2, 2] needs one or 2"));
  EXPECT_THAT(refusal_of("standardize: {mean: 0, deviation: 0}", image_and_label), HasSubstr("more than 0"));
  EXPECT_THAT(refusal_of("standardize: {mean: []   , deviation: 1}", image_and_label),
              HasSubstr("'mean' has 0 numbers"));
  EXPECT_THAT(refusal_of("standardize: {mean: 0}", image_and_label), HasSubstr("deviation"));
}

TEST(Flatten, KeepsTheOrderOfTheValues) {
  const Result result = apply_to_pair("flatten", image_and_label, {1, 2, 3, 4}, 7);
  EXPECT_EQ(result.fields, (std::vector<Field>{{"image", {4}, 0}, {"label", {}, 10}}));
  EXPECT_EQ(result.first, (std::vector<float>{1, 2, 3, 4}));
}

TEST(Transforms, ChangeTheFieldsThatAreNamed) {
  const std::vector<Field> fields{{"image", {1, 1, 2}, 0}, {"point", {1}, 0}};
  const Result result = apply_to_pair("rescale: {to: [0, 1], from: [0, 2], fields: point}", fields, {1, 2}, 1);
  EXPECT_EQ(result.first, (std::vector<float>{1, 2}));
  EXPECT_EQ(result.second, std::vector<float>{0.5});
  EXPECT_THAT(refusal_of("flatten: {fields: [imag]}", fields), HasSubstr("no field 'imag'; did you mean 'image'?"));
}

}  // namespace
}  // namespace duel
