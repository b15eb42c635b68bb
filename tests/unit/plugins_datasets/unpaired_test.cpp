// Two data sets side by side, drawn independently.
#include <array>

#include "open_dataset.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Unpaired, NamesFieldsByTheirSide) {
  const auto digits = open_dataset("unpaired: {a: {digits: 100}, b: {gaussian: {count: 9}}}");
  std::vector<std::string> names;
  for (const Field& field : digits->fields()) names.push_back(field.name);
  EXPECT_THAT(names, ElementsAre("a", "a_label", "b"));
  EXPECT_EQ(digits->fields()[1].classes, 10);
  EXPECT_EQ(digits->size(), std::nullopt);
  EXPECT_EQ(dataset_source("unpaired: {a: {digits: 100}, b: {gaussian: {count: 9}}}")->known_fields(),
            digits->fields());
}

// Each pair of examples as often: all 12 of 3 × 4 at a rate of 1/12 each, by a chi-squared test.
TEST(Unpaired, DrawsTheSidesIndependently) {
  const std::string three = "digits: {count: 3}", four = "digits: {count: 4}";
  const auto both = open_dataset("unpaired: {a: {" + three + "}, b: {" + four + "}}");
  const auto a = open_dataset(three), b = open_dataset(four);
  std::array<std::array<int, 4>, 3> counts{};
  constexpr int draws = 12000;
  for (int64_t i = 0; i < draws; ++i) {
    const auto example = read_example(*both, i);
    int64_t of_a = 0, of_b = 0;
    while (of_a < 3 && read_example(*a, of_a)[0] != example[0]) ++of_a;
    while (of_b < 4 && read_example(*b, of_b)[0] != example[2]) ++of_b;
    ++counts.at(static_cast<std::size_t>(of_a)).at(static_cast<std::size_t>(of_b));
  }
  double chi_squared = 0;
  for (const auto& row : counts) {
    for (const int count : row) chi_squared += (count - draws / 12.0) * (count - draws / 12.0) / (draws / 12.0);
  }
  EXPECT_LT(chi_squared, 31.3);  // 11 degrees of freedom, one in a thousand
}

TEST(Unpaired, SidesWithoutEndNeverRepeat) {
  const auto both = open_dataset("unpaired: {a: gaussian, b: {digits: 5}}");
  const auto alone = open_dataset("gaussian");
  for (const int64_t i : {0, 7, 1 << 30}) EXPECT_EQ(read_example(*both, i)[0], read_example(*alone, i)[0]);
}

TEST(Unpaired, TellsFingerprintsApart) {
  EXPECT_NE(open_dataset("unpaired: {a: {digits: 5}, b: {digits: 6}}")->fingerprint(),
            open_dataset("unpaired: {a: {digits: 6}, b: {digits: 5}}")->fingerprint());
}

TEST(Unpaired, NamesWhatItShows) {
  EXPECT_THAT(open_dataset("unpaired: {a: {digits: 1}, b: {digits: 1}}")->example_name(3),
              HasSubstr("example 0 beside example 0"));
}

}  // namespace
}  // namespace duel
