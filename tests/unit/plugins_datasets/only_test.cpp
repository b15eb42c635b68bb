// Parts of another data set.
#include <set>

#include "open_dataset.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

std::set<int> labels_of(const Dataset& data) {
  std::set<int> labels;
  for (int64_t i = 0; i < data.size().value(); ++i) labels.insert(static_cast<int>(read_example(data, i)[1][0]));
  return labels;
}

TEST(Only, KeepsSomeClassesOrLeavesSomeOut) {
  const auto whole = open_dataset("digits: 500");
  const auto kept = open_dataset("only: {of: {digits: 500}, classes: [3, 7]}");
  const auto others = open_dataset("only: {of: {digits: 500}, except: [3, 7]}");
  EXPECT_EQ(labels_of(*kept), (std::set<int>{3, 7}));
  EXPECT_EQ(labels_of(*others), (std::set<int>{0, 1, 2, 4, 5, 6, 8, 9}));
  EXPECT_EQ(kept->size().value() + others->size().value(), 500);
  EXPECT_EQ(kept->fields(), whole->fields());
}

// In the other's order, with its names and keys.
TEST(Only, ExamplesAreTheOthers) {
  const auto whole = open_dataset("digits: 200");
  const auto kept = open_dataset("only: {of: {digits: 200}, classes: [5]}");
  int64_t row = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const auto example = read_example(*whole, i);
    if (example[1][0] != 5) continue;
    ASSERT_LT(row, kept->size());
    EXPECT_EQ(read_example(*kept, row), example);
    EXPECT_EQ(kept->example_name(row), whole->example_name(i));
    EXPECT_EQ(kept->content_key(row++), whole->content_key(i));
  }
  EXPECT_EQ(row, kept->size());
}

TEST(Only, KeepsARange) {
  const auto whole = open_dataset("gaussian: {count: 30}");
  const auto kept = open_dataset("only: {of: {gaussian: {count: 30}}, examples: [10, 25]}");
  ASSERT_EQ(kept->size(), 15);
  for (int64_t i = 0; i < 15; ++i) EXPECT_EQ(read_example(*kept, i), read_example(*whole, 10 + i));
}

// Two ranges without an example in common, of which one lacks a class.
TEST(Only, KeepsClassesOfARange) {
  const auto kept = open_dataset("only: {of: {digits: 100}, examples: [40, 100], except: [3]}");
  const auto whole = open_dataset("digits: 100");
  int64_t row = 0;
  for (int64_t i = 40; i < 100; ++i) {
    const auto example = read_example(*whole, i);
    if (example[1][0] == 3) continue;
    ASSERT_LT(row, kept->size());
    EXPECT_EQ(read_example(*kept, row++), example);
  }
  EXPECT_EQ(row, kept->size());
}

TEST(Only, FingerprintsTellClassesApart) {
  std::set<std::string> prints;
  for (const char* yaml :
       {"digits: 100", "only: {of: {digits: 100}, classes: [1]}", "only: {of: {digits: 100}, except: [1]}",
        "only: {of: {digits: 100}, classes: [1, 2]}", "only: {of: {digits: 120}, classes: [1]}",
        "only: {of: {digits: 100}, examples: [0, 50]}", "only: {of: {digits: 100}, examples: [0, 50], classes: [1]}"}) {
    prints.insert(open_dataset(yaml)->fingerprint());
  }
  EXPECT_EQ(prints.size(), 7u);
}

TEST(Only, RefusesWhatItCannotChooseFrom) {
  EXPECT_THAT(refusal_of("only: {of: {digits: 100}, classes: [12]}"),
              HasSubstr("only: the data set has no example of class 12; it has: 0, 1, 2, 3"));
  EXPECT_THAT(refusal_of("only: {of: {gaussian: {count: 9}}, classes: [0]}"),
              HasSubstr("only: the data set has no labels"));
  EXPECT_THAT(refusal_of("only: {of: {digits: 100}}", ExitCode::experiment), HasSubstr("give 'classes' or"));
  EXPECT_THAT(refusal_of("only: {of: {digits: 100}, classes: [1], except: [2]}", ExitCode::experiment),
              HasSubstr("give either 'classes'"));
  for (const char* examples : {"[5]", "[5, 5]", "[5, 2]", "[1, 2, 3]"}) {
    EXPECT_THAT(refusal_of(fmt::format("only: {{of: {{digits: 100}}, examples: {}}}", examples), ExitCode::experiment),
                HasSubstr("[FIRST, END]"))
        << examples;
  }
  EXPECT_THAT(refusal_of("only: {of: {digits: 100}, examples: [90, 101]}"),
              HasSubstr("the data set has 100 examples, and examples up to 101 are asked for"));
}

}  // namespace
}  // namespace duel
