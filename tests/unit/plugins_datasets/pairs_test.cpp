#include "open_dataset.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

class Pairs : public testing::Test {
 protected:
  void write(const std::string& name, const TestPicture& picture) const { folder_.write(name, png_file(picture)); }
  std::string two(const std::string& more = {}) const {
    return "pairs: {a: " + (folder_.path() / "maps").string() + ", b: " + (folder_.path() / "photos").string() + more +
           "}";
  }
  std::string joined(const std::string& more = {}) const {
    return "pairs: {path: " + (folder_.path() / "joined").string() + more + "}";
  }

  TemporaryFolder folder_;
};

TEST_F(Pairs, OfTwoFoldersMeetByName) {
  for (int i = 0; i < 3; ++i) {
    write("maps/" + std::to_string(i) + ".png", even_picture(2, 2, 1, i));
    write("photos/" + std::to_string(i) + ".png", even_picture(2, 2, 3, 100 + i));
  }
  const auto dataset = open_dataset(two());
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"a", {2, 2, 1}, 0}, {"b", {2, 2, 3}, 0}}));
  EXPECT_EQ(dataset->size(), 3);
  const std::vector<std::vector<float>> expected{std::vector<float>(4, 2), std::vector<float>(12, 102)};
  EXPECT_EQ(read_example(*dataset, 2), expected);
  write("maps/9.png", even_picture(2, 2, 1, 9));
  write("photos/8.png", even_picture(2, 2, 3, 9));
  EXPECT_THAT(refusal_of(two()), HasSubstr("maps/9.png: has no partner of that name in"));
  const auto rest = dataset_source(two())->open({.skip_bad_files = true});
  EXPECT_EQ(rest->size(), 3);
  EXPECT_EQ(rest->skipped_files().size(), 2u);
}

TEST_F(Pairs, SideBySideAreCutApart) {
  TestPicture both{2, 4, 1, 8, {1, 2, 11, 12, 3, 4, 13, 14}};
  write("joined/x.png", both);
  const std::vector<std::vector<float>> expected{{1, 2, 3, 4}, {11, 12, 13, 14}};
  EXPECT_EQ(read_example(*open_dataset(joined()), 0), expected);
  const std::vector<std::vector<float>> swapped{expected[1], expected[0]};
  EXPECT_EQ(read_example(*open_dataset(joined(", left: b")), 0), swapped);
  EXPECT_NE(open_dataset(joined())->fingerprint(), open_dataset(joined(", left: b"))->fingerprint());
  write("joined/y.png", even_picture(2, 5, 1, 0));
  EXPECT_THAT(refusal_of(joined()), HasSubstr("y.png: is 5 pixels wide, which are not two halves"));
}

// A pair with one bad side goes as a whole, so that the others still belong together.
TEST_F(Pairs, WithABadSideAreSkippedWhole) {
  for (int i = 0; i < 3; ++i) {
    write("maps/" + std::to_string(i) + ".png", even_picture(2, 2, 1, i));
    write("photos/" + std::to_string(i) + ".png", even_picture(2, 2, 1, 100 + i));
  }
  folder_.write("photos/1.png", "");
  EXPECT_THAT(refusal_of(two()), HasSubstr("photos/1.png: is empty"));
  const auto dataset = dataset_source(two())->open({.skip_bad_files = true});
  EXPECT_EQ(dataset->size(), 2);
  const std::vector<std::vector<float>> expected{std::vector<float>(4, 2), std::vector<float>(4, 102)};
  EXPECT_EQ(read_example(*dataset, 1), expected);
}

TEST_F(Pairs, AreNamedOneWayOnly) {
  EXPECT_THAT(refusal_of("pairs: {a: x}", ExitCode::experiment), HasSubstr("give 'a' and 'b', or 'path' alone"));
  EXPECT_THAT(refusal_of("pairs: {a: x, b: y, path: z}", ExitCode::experiment), HasSubstr("or 'path' alone"));
  EXPECT_THAT(refusal_of("pairs: {}", ExitCode::experiment), HasSubstr("or 'path' alone"));
}

}  // namespace
}  // namespace duel
