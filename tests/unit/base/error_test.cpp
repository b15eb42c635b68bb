#include "base/error.hpp"

#include <gtest/gtest.h>

namespace duel {
namespace {

TEST(Position, IsAsLongAsWhatIsKnown) {
  EXPECT_EQ(to_string(Position{"exp.yaml", 12, 7}), "exp.yaml:12:7");
  EXPECT_EQ(to_string(Position{"exp.yaml", 12, 0}), "exp.yaml:12");
  EXPECT_EQ(to_string(Position{"exp.yaml", 0, 0}), "exp.yaml");
  EXPECT_EQ(to_string(Position{}), "");
}

TEST(Problem, IsOneLine) {
  const Problem problem{{"exp.yaml", 12, 7},
                        "networks.generator.layers[3]",
                        "unknown key 'kernal'",
                        "did you mean 'kernel'?",
                        "base/dcgan.yaml"};
  EXPECT_EQ(to_string(problem),
            "exp.yaml:12:7: networks.generator.layers[3]: unknown key 'kernal'; did you mean 'kernel'? "
            "(from base/dcgan.yaml)");
  EXPECT_EQ(to_string(Problem{{}, {}, "a\nb\x1b[31m\x7f", {}, {}}), "a\\nb\\x1b[31m\\x7f");
}

TEST(Problems, AreThrownTogetherInReadingOrderWithoutDuplicates) {
  Problems problems;
  problems.throw_if_any();
  problems.add({"b.yaml", 1, 1}, "x", "third");
  problems.add({"a.yaml", 10, 1}, "x", "second");
  problems.add({"a.yaml", 9, 5}, "x", "first");
  problems.add({"a.yaml", 10, 1}, "x", "second");
  try {
    problems.throw_if_any(ExitCode::data);
    FAIL() << "nothing thrown";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::data);
    EXPECT_STREQ(error.what(), "a.yaml:9:5: x: first\na.yaml:10:1: x: second\nb.yaml:1:1: x: third");
  }
}

TEST(Check, SaysWhereAndWhat) {
  const int axis = 3;
  DUEL_CHECK(axis == 3, "never formatted");
  try {
    DUEL_CHECK(axis < 3, "axis {}", axis);
    FAIL() << "nothing thrown";
  } catch (const InternalError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("error_test.cpp"), std::string::npos);
    EXPECT_NE(text.find("check failed: axis < 3: axis 3"), std::string::npos);
  }
}

}  // namespace
}  // namespace duel
