// Tables as text.
#include "open_dataset.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

class Csv : public testing::Test {
 protected:
  std::string yaml(const std::string& table, const std::string& parameters = {}) const {
    return "csv: {path: " + folder_.write("t.csv", table).string() + parameters + "}";
  }
  std::string refused(const std::string& table, const std::string& parameters = {}) const {
    return refusal_of(yaml(table, parameters));
  }
  TemporaryFolder folder_;
};

TEST_F(Csv, ReadsColumnsByName) {
  const auto dataset = open_dataset(yaml("x,kind,\"y\"\r\n1,0, 2.5 \r\n\r\n-1e-1,3,\"4\"\r\n", ", label: kind"));
  EXPECT_EQ(dataset->size(), 2);
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"point", {2}, 0}, {"label", {}, 4}}));
  EXPECT_EQ(read_example(*dataset, 0), (std::vector<std::vector<float>>{{1, 2.5}, {0}}));
  EXPECT_EQ(read_example(*dataset, 1), (std::vector<std::vector<float>>{{-0.1f, 4}, {3}}));
}

TEST_F(Csv, ReadsChosenColumnsWithoutAHeader) {
  const auto dataset =
      open_dataset(yaml("\xef\xbb\xbf"
                        "1;2;3\n4;5;6",
                        ", header: false, columns: [3, 1], separator: ';'"));
  EXPECT_EQ(read_example(*dataset, 0)[0], (std::vector<float>{3, 1}));
  EXPECT_EQ(read_example(*dataset, 1)[0], (std::vector<float>{6, 4}));
}

TEST_F(Csv, NumbersNamesOfLabelsByTheAlphabet) {
  const auto dataset = open_dataset(yaml("x,kind\n1,tulip\n2,aster\n3,tulip\n", ", label: kind"));
  EXPECT_EQ(dataset->fields()[1].classes, 2);
  EXPECT_EQ(read_example(*dataset, 0)[1][0], 1);
  EXPECT_EQ(read_example(*dataset, 1)[1][0], 0);
}

TEST_F(Csv, ReadsPixelsAsImages) {
  const auto dataset = open_dataset(yaml("l,a,b,c,d\n1,10,20,30,40\n", ", label: l, image: [2, 2, 1]"));
  EXPECT_EQ(dataset->fields()[0], (Field{"image", {2, 2, 1}, 0}));
  EXPECT_EQ(read_example(*dataset, 0)[0], (std::vector<float>{10, 20, 30, 40}));
}

TEST_F(Csv, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refused("x,y\n1,2\n3,four\n"), HasSubstr("t.csv:3:3: expected a number, found 'four'"));
  EXPECT_THAT(refused("x,y\n1,2\n3\n"), HasSubstr("t.csv:3:1: has 1 columns, expected 2"));
  EXPECT_THAT(refused("x,y\n1,\n"), HasSubstr("t.csv:2:3: expected a number, found ''"));
  EXPECT_THAT(refused("x\nnan\n"), HasSubstr("expected a number, found 'nan'"));
  EXPECT_THAT(refused("x\n1e40\n"), HasSubstr("1e40 is too large"));
  EXPECT_THAT(refused("x\n\"1\"2\n"), HasSubstr("a quoted cell does not end"));
  EXPECT_THAT(refused("x\n\"1\n"), HasSubstr("a quoted cell does not end"));
  EXPECT_THAT(refused(""), HasSubstr("is empty"));
  EXPECT_THAT(refused("x,y\n"), HasSubstr("holds no examples"));
  EXPECT_THAT(refused("x,\xff\n"), HasSubstr("byte 2 is not UTF-8"));
  EXPECT_THAT(refused("x,kind\n1,2\n", ", label: kin"), HasSubstr("has no column 'kin'; did you mean 'kind'?"));
  EXPECT_THAT(refused("x,k\n1,2\n3,red\n", ", label: k"),
              HasSubstr("t.csv:3:3: the label 'red' is a name, those above"));
  EXPECT_THAT(refused("x,k\n1,-2\n", ", label: k"), HasSubstr("the label -2 is not between"));
  EXPECT_THAT(refused("x,k\n1,2\n", ", image: [2, 2, 1]"), HasSubstr("2 columns of pixels, expected 4"));
  EXPECT_THAT(refusal_of("csv: {path: t.csv, separator: ab}", ExitCode::experiment), HasSubstr("one character"));
}

}  // namespace
}  // namespace duel
