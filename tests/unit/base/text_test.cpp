#include "base/text.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.hpp"

namespace duel {
namespace {

TEST(ParseInteger, DecimalOnly) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-17"), -17);
  EXPECT_EQ(parse_integer("+17"), 17);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  for (const char* text : {"", "+", "-", "1.0", "1e3", "0777", "0x10", "0o7", "1_000", " 1", "1 ", "+-1", "no",
                           "9223372036854775808", "1e-4x"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseFloat, FiniteDecimalOnly) {
  EXPECT_EQ(parse_float("1e-4"), 1e-4);
  EXPECT_EQ(parse_float("-2.5E+3"), -2500);
  EXPECT_EQ(parse_float("+.5"), 0.5);
  EXPECT_EQ(parse_float("5."), 5);
  EXPECT_EQ(parse_float("7"), 7);
  EXPECT_EQ(parse_float("0.1"), 0.1);
  for (const char* text : {"",     ".",     "-",    "e5",   "1e",    "1e+", "1e-4x", "inf", ".inf", "nan",
                           ".nan", "1e999", "0777", "00.5", "0x1p3", "1,5", " 1",    "1 ",  "+-1",  "--1"}) {
    EXPECT_EQ(parse_float(text), std::nullopt) << text;
  }
}

TEST(ParseBool, TwoWords) {
  EXPECT_EQ(parse_bool("true"), true);
  EXPECT_EQ(parse_bool("false"), false);
  for (const char* text : {"", "True", "yes", "no", "on", "off", "1", "0"}) EXPECT_EQ(parse_bool(text), std::nullopt);
}

TEST(FormatNumber, IsShortAndExact) {
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(64), "64");
  EXPECT_EQ(format_number(-2e-4), "-0.0002");
  RandomStream stream(stream_key(1, 0, "format"));
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>((uint64_t{stream.bits()} << 32) | stream.bits());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(parse_float(format_number(value)), value) << format_number(value);
  }
}

TEST(NearestWord, FindsTyposAndNothingElse) {
  const std::vector<std::string> words{"kernel", "filters", "stride", "padding", "bias", "leaky_relu"};
  EXPECT_EQ(nearest_word("kernal", words), "kernel");
  EXPECT_EQ(nearest_word("kernle", words), "kernel");  // two letters swapped: one edit
  EXPECT_EQ(nearest_word("filter", words), "filters");
  EXPECT_EQ(nearest_word("LeakyReLU", words), "leaky_relu");
  EXPECT_EQ(nearest_word("bais", words), "bias");
  EXPECT_EQ(nearest_word("units", words), std::nullopt);
  EXPECT_EQ(nearest_word("", words), std::nullopt);
  EXPECT_EQ(nearest_word(std::string(1 << 20, 'x'), words), std::nullopt);
  const std::vector<std::string> close{"adam", "adamw"};
  EXPECT_EQ(nearest_word("adamw", close), "adamw");
}

TEST(NearestWord, LimitGrowsWithTheWord) {
  const std::vector<std::string> words{"abc", "discriminator"};
  EXPECT_EQ(nearest_word("abd", words), "abc");
  EXPECT_EQ(nearest_word("ade", words), std::nullopt);            // two edits, one allowed
  EXPECT_EQ(nearest_word("dscrminatr", words), "discriminator");  // three edits, three allowed
  EXPECT_EQ(nearest_word("dscrmntr", words), std::nullopt);
}

TEST(Suggestion, NamesTheNearestOrAFew) {
  const std::vector<std::string> words{"mean", "sum"};
  EXPECT_EQ(suggestion("maen", words), "did you mean 'mean'?");
  EXPECT_EQ(suggestion("zzzzzz", words), "one of: mean, sum");
  EXPECT_EQ(suggestion("x", {}), "");
  EXPECT_EQ(suggestion("zzzzzz", std::vector<std::string>(40, "something")), "");
}

TEST(Utf8, WellFormedOnly) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("plain"));
  EXPECT_TRUE(valid_utf8("é → 😀"));
  EXPECT_TRUE(valid_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));  // U+D7FF U+E000 U+10FFFF
  EXPECT_FALSE(valid_utf8("\x80"));
  EXPECT_FALSE(valid_utf8("\xc3"));
  EXPECT_FALSE(valid_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(valid_utf8("\xe0\x80\xaf"));      // overlong
  EXPECT_FALSE(valid_utf8("\xf0\x80\x80\xaf"));  // overlong
  EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(valid_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(valid_utf8("\xf5\x80\x80\x80"));
  EXPECT_EQ(first_invalid_utf8("a\xc3\xa9\xff"), 3u);
}

TEST(SplitAtCommas, KeepsEmptyPartsAndNoSpaces) {
  const auto parts = [](std::string_view text) { return split_at_commas(text); };
  EXPECT_THAT(parts("fid"), testing::ElementsAre("fid"));
  EXPECT_THAT(parts("fid,kid"), testing::ElementsAre("fid", "kid"));
  EXPECT_THAT(parts(" fid ,  two words "), testing::ElementsAre("fid", "two words"));
  EXPECT_THAT(parts("fid,"), testing::ElementsAre("fid", ""));
  EXPECT_THAT(parts(", ,"), testing::ElementsAre("", "", ""));
  EXPECT_THAT(parts(""), testing::IsEmpty());
}

TEST(FormatBytes, BinaryUnits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(1234567), "1.18 MiB");
  EXPECT_EQ(format_bytes((uint64_t{1} << 20) - 1), "1.00 MiB");
  EXPECT_EQ(format_bytes(UINT64_MAX), "16.00 EiB");
}

TEST(FormatDuration, TwoUnitsAtMost) {
  EXPECT_EQ(format_duration(0.0123), "12 ms");
  EXPECT_EQ(format_duration(0.3), "0.3 s");
  EXPECT_EQ(format_duration(9.99), "10 s");
  EXPECT_EQ(format_duration(41.2), "41 s");
  EXPECT_EQ(format_duration(59.7), "1 min 0 s");
  EXPECT_EQ(format_duration(11520), "3 h 12 min");
  EXPECT_EQ(format_duration(2 * 86400 + 3 * 3600 + 5), "2 d 3 h");
}

}  // namespace
}  // namespace duel
