#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>

#include "yaml/document.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using std::string_literals::operator""s;

std::string parse_error_of(const std::string& text) {
  try {
    parse_yaml(text, "e.yaml");
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    return error.what();
  }
  return "no error";
}

std::string repeated(const std::string& piece, std::size_t bytes) {
  std::string text;
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

TEST(ParseYaml, ReadsEveryKindWithItsPosition) {
  const YamlNode root =
      parse_yaml("name: digits\nlist: [1, '2']\nempty:\nmap:\n  - a: \"x\\ty\"\n  - |\n    two\n    lines\n", "e.yaml");
  ASSERT_TRUE(root.is_map());
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"name", "list", "empty", "map"}));
  EXPECT_EQ(root.find("name")->text, "digits");
  EXPECT_FALSE(root.find("name")->quoted);
  EXPECT_EQ(root.find("name")->where, (Position{"e.yaml", 1, 7}));
  EXPECT_EQ(root.find_entry("list")->where, (Position{"e.yaml", 2, 1}));
  const YamlNode& list = *root.find("list");
  ASSERT_TRUE(list.is_sequence());
  EXPECT_EQ(list.where, (Position{"e.yaml", 2, 7}));
  EXPECT_EQ(list.items[1].where, (Position{"e.yaml", 2, 11}));
  EXPECT_TRUE(list.items[1].quoted);
  EXPECT_TRUE(root.find("empty")->is_null());
  EXPECT_EQ(root.find("empty")->where.line, 3);
  EXPECT_EQ(root.find("map")->items[0].find("a")->text, "x\ty");
  EXPECT_EQ(root.find("map")->items[1].text, "two\nlines\n");
  EXPECT_TRUE(root.find("map")->items[1].quoted);
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(ParseYaml, ColumnsCountCharacters) {
  const YamlNode root = parse_yaml("é: {日本: x}\r\nb: y\r\n", "e.yaml");
  EXPECT_EQ(root.find("é")->where, (Position{"e.yaml", 1, 4}));
  EXPECT_EQ(root.find("é")->find("日本")->where, (Position{"e.yaml", 1, 9}));
  EXPECT_EQ(root.find("b")->where, (Position{"e.yaml", 2, 4}));
  EXPECT_EQ(parse_yaml("\xef\xbb\xbf"
                       "a: 1",
                       "e.yaml")
                .find("a")
                ->text,
            "1");
}

TEST(ParseYaml, EmptyTextIsNull) {
  EXPECT_TRUE(parse_yaml("", "e.yaml").is_null());
  EXPECT_TRUE(parse_yaml("# only a comment\n", "e.yaml").is_null());
  EXPECT_TRUE(parse_yaml("---\n", "e.yaml").is_null());
}

TEST(ParseYaml, ScalarsStayTexts) {
  const YamlNode root = parse_yaml("{a: 0777, b: no, c: .nan, d: 1e-4, e: 'null', f: ~}", "e.yaml");
  EXPECT_EQ(root.find("a")->text, "0777");
  EXPECT_EQ(root.find("b")->text, "no");
  EXPECT_EQ(root.find("c")->text, ".nan");
  EXPECT_EQ(root.find("d")->text, "1e-4");
  EXPECT_EQ(root.find("e")->text, "null");
  EXPECT_TRUE(root.find("f")->is_null());
}

TEST(ParseYaml, AliasesAreCopies) {
  const YamlNode root = parse_yaml("a: &x {k: [1, 2]}\nb: *x\nc: &y text\nd: [*y, *x]\n", "e.yaml");
  EXPECT_TRUE(same_content(*root.find("a"), *root.find("b")));
  EXPECT_EQ(root.find("d")->items[0].text, "text");
  EXPECT_EQ(root.find("d")->items[1].find("k")->items[1].text, "2");
}

// ---- refusals, in the order of the first row of docs/reliability.md

TEST(ParseYaml, RefusesAnAnchorBomb) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before;
    for (int k = 0; k < 8; ++k) text += ", *a" + before;
    text += "]\n";
  }
  EXPECT_THAT(parse_error_of(text), StartsWith("e.yaml:6:"));
  EXPECT_THAT(parse_error_of(text), HasSubstr("more than 100000 values, with aliases expanded"));
}

TEST(ParseYaml, RefusesAnAnchorCycle) {
  EXPECT_THAT(parse_error_of("a: &x [1, *x]"), StartsWith("e.yaml:1:11: an alias within what its anchor names"));
  EXPECT_THAT(parse_error_of("a: &x\n  b: {c: *x}"), StartsWith("e.yaml:2:10: an alias within"));
}

TEST(ParseYaml, RefusesDepth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_EQ(parse_error_of(nested(64)), "no error");
  EXPECT_THAT(parse_error_of(nested(65)), StartsWith("e.yaml:1:65: nested deeper than 64 levels"));
  EXPECT_THAT(parse_error_of(std::string(1000000, '[')), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(parse_error_of(repeated("- ", 1000000)), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(parse_error_of("a: &x " + nested(40) + "\nb: " + std::string(30, '[') + "*x" + std::string(30, ']')),
              HasSubstr("nested deeper than 64 levels"));
  EXPECT_EQ(parse_error_of("a: &x " + nested(40) + "\nb: " + std::string(23, '[') + "*x" + std::string(23, ']')),
            "no error");
}

TEST(ParseYaml, RefusesASizeBeyondTheLimit) {
  EXPECT_EQ(parse_error_of("a: " + std::string(1 << 20, 'x')),
            "e.yaml: is larger than 1.00 MiB; keep large data in files of its own");
}

TEST(ParseYaml, RefusesControlBytes) {
  EXPECT_THAT(parse_error_of("a: 1\nb: 2\x04\nc: 3"), StartsWith("e.yaml:2:5: a control byte 0x04"));
  EXPECT_THAT(parse_error_of("a: \0b"s), StartsWith("e.yaml:1:4: a control byte 0x00"));
  EXPECT_THAT(parse_error_of("a: \x7f"), StartsWith("e.yaml:1:4: a control byte 0x7f"));
  EXPECT_THAT(parse_error_of("a: 1\rb: 2"), StartsWith("e.yaml:1:5: a carriage return"));
  EXPECT_THAT(parse_error_of("a: \"x\\0y\""), StartsWith("e.yaml:1:4: an escape makes a control character"));
  EXPECT_THAT(parse_error_of("a: 1\n\"k\\x04\": 1"), StartsWith("e.yaml:2:1: an escape makes a control character"));
}

TEST(ParseYaml, RefusesBadUtf8) {
  EXPECT_THAT(parse_error_of("a: é\xc3("), StartsWith("e.yaml:1:5: not valid UTF-8"));
  EXPECT_THAT(parse_error_of("\xff\xfe"
                             "a:"s),
              StartsWith("e.yaml:1:1: not valid UTF-8"));  // UTF-16's mark
}

TEST(ParseYaml, RefusesASecondDocument) {
  EXPECT_THAT(parse_error_of("a: 1\n---\nb: 2\n"), StartsWith("e.yaml:2:1: a second document"));
  EXPECT_THAT(parse_error_of("[a]\nb: 2\n"), StartsWith("e.yaml:2:"));
  EXPECT_THAT(parse_error_of("---\n---\n"), HasSubstr("a second document"));
  EXPECT_EQ(parse_error_of("---\na: 1\n...\n# end\n"), "no error");
}

TEST(ParseYaml, RefusesADuplicateKey) {
  EXPECT_THAT(parse_error_of("a: 1\nb: {c: 1, d: 2, c: 3}\n"),
              StartsWith("e.yaml:2:17: key 'c' is given twice; the first is in line 2"));
  EXPECT_THAT(parse_error_of("a: 1\n\"a\": 2\n"), StartsWith("e.yaml:2:1: key 'a' is given twice"));
}

TEST(ParseYaml, RefusesMergeKeysTagsAndKeysThatAreNoTexts) {
  EXPECT_THAT(parse_error_of("a: &x {b: 1}\nc:\n  <<: *x\n"), StartsWith("e.yaml:3:3: a merge key '<<'"));
  EXPECT_THAT(parse_error_of("a: !!int 3"), HasSubstr("e.yaml:1:4: a tag 'tag:yaml.org,2002:int'"));
  EXPECT_THAT(parse_error_of("a: !python/object {b: 1}"), HasSubstr("a tag '!python/object'"));
  EXPECT_THAT(parse_error_of("a: !x [1]"), HasSubstr("a tag '!x'"));
  EXPECT_THAT(parse_error_of("? [1, 2]\n: 3"), HasSubstr("a key that is not a text"));
  EXPECT_THAT(parse_error_of("? {a: 1}\n: 3"), HasSubstr("a key that is not a text"));
  EXPECT_THAT(parse_error_of("~: 3"), HasSubstr("a key that is not a text"));
}

TEST(ParseYaml, RefusesAnExpressionCutByAComma) {
  EXPECT_THAT(
      parse_error_of("values: {z: normal(100, batch=64)}"),
      StartsWith("e.yaml:1:13: 'normal(100' has an open parenthesis; inside { } and [ ] a comma ends the text; put "
                 "quotes around the whole expression"));
  EXPECT_THAT(parse_error_of("a: [mean(x, axis=1)]"), HasSubstr("'mean(x' has an open parenthesis"));
  EXPECT_EQ(parse_error_of("a: normal(100, batch=64)\nb: {z: \"normal(100, batch=64)\", y: normal(100)}"), "no error");
}

TEST(ParseYaml, SaysWhereTheSyntaxIsWrong) {
  EXPECT_THAT(parse_error_of("a: [1, 2\nb: 3"), HasSubstr("end of sequence flow not found"));
  EXPECT_THAT(parse_error_of("[1, 2"), HasSubstr("end of sequence flow not found"));
  EXPECT_THAT(parse_error_of("a: {b: [1, {c: 2}\n"), HasSubstr("flow not found"));
  EXPECT_THAT(parse_error_of("a: b: c"), StartsWith("e.yaml:1:5: "));
  EXPECT_THAT(parse_error_of("a: *nothing"), StartsWith("e.yaml:1:"));
  EXPECT_THAT(parse_error_of("a: 'open"), StartsWith("e.yaml:1:"));
  EXPECT_THAT(parse_error_of("\ta: 1"), StartsWith("e.yaml:1:"));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;  // which costs time and memory of its own
#else
constexpr bool is_sanitized = false;
#endif

// Whatever the text, an answer comes in under a second and 100 MB.
TEST(ParseYaml, HostileTextsAreAnsweredQuickly) {
  constexpr std::size_t size = 1 << 20;
  const std::vector<std::string> pieces{"[",   "{",   "- ",  "? ",   "a: ",    "&a ",   "!a ",      "*a ",
                                        "\"",  "'",   "|\n", ">\n ", ",",      "[]\n",  "{},",      "\\",
                                        "é",   "{a",  "[a,", "a,",   "a: 1\n", "---\n", "...\n",    "#\n",
                                        "[? ", "{? ", ": ",  "-\n",  "a\n",    "%a\n",  "- - a\n ", "x"};
  for (const std::string& piece : pieces) {
    for (const std::string& before : {""s, "["s}) {
      const std::clock_t begin = std::clock();
      parse_error_of(before + repeated(piece, size - before.size()));
      const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      EXPECT_LT(seconds, is_sanitized ? 20 : 1) << before << " then " << piece;
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  if (!is_sanitized) {
    EXPECT_LT(usage.ru_maxrss, 100 * 1024) << "KiB";
  }
}

}  // namespace
}  // namespace duel
