// The expression language: what a text means, and where it goes wrong to the character.
#include "registry/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/registry.hpp"
#include "registry/value.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Expression::Kind;

const Position place{"e.yaml", 3, 7};

Expression parsed(const std::string& text) { return parse_expression(text, place); }

// The tree with every operator and call in parentheses.
std::string tree(const Expression& expression) {
  static const std::map<Kind, std::string> symbols{
      {Kind::add, "+"},     {Kind::subtract, "-"},       {Kind::multiply, "*"}, {Kind::divide, "/"},
      {Kind::greater, ">"}, {Kind::greater_equal, ">="}, {Kind::less, "<"},     {Kind::less_equal, "<="},
      {Kind::equal, "=="},  {Kind::not_equal, "!="}};
  const auto list = [](const Expression& of) {
    std::vector<std::string> parts;
    for (const Expression& child : of.children) parts.push_back(tree(child));
    for (const auto& [name, where, child] : of.named) parts.push_back(name + "=" + tree(child));
    return fmt::format("{}", fmt::join(parts, ", "));
  };
  switch (expression.kind) {
    case Kind::number:
      return fmt::format("{}", expression.number);
    case Kind::name:
      return expression.name;
    case Kind::member:
      return tree(expression.children[0]) + "." + expression.name;
    case Kind::list:
      return "[" + list(expression) + "]";
    case Kind::call:
      return expression.name + "(" + list(expression) + ")";
    case Kind::negate:
      return "(-" + tree(expression.children[0]) + ")";
    default:
      return "(" + tree(expression.children[0]) + " " + symbols.at(expression.kind) + " " +
             tree(expression.children[1]) + ")";
  }
}

std::string tree(const std::string& text) { return tree(parsed(text)); }

std::string refusal_of(const std::string& text) {
  try {
    parsed(text);
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    return error.what();
  }
  return "no error";
}

TEST(Precedence, MultiplicationBindsCloserThanAddition) {
  EXPECT_EQ(tree("a + b * c"), "(a + (b * c))");
  EXPECT_EQ(tree("a * b + c"), "((a * b) + c)");
  EXPECT_EQ(tree("(a + b) * c"), "((a + b) * c)");
}

TEST(Precedence, OperatorsOfOneRankGoFromLeftToRight) {
  EXPECT_EQ(tree("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(tree("a / b / c * d"), "(((a / b) / c) * d)");
  EXPECT_EQ(tree("a - (b - c)"), "(a - (b - c))");
}

TEST(Precedence, ASignBindsCloserThanAnyOperatorBetweenTwo) {
  EXPECT_EQ(tree("-a * b"), "((-a) * b)");
  EXPECT_EQ(tree("a - -b"), "(a - (-b))");
  EXPECT_EQ(tree("--a"), "(-(-a))");
  EXPECT_EQ(tree("-f(a).b"), "(-f(a).b)");
}

TEST(Precedence, ComparisonsComeLast) {
  EXPECT_EQ(tree("a + 1 > b * 2"), "((a + 1) > (b * 2))");
  EXPECT_EQ(tree("a >= b"), "(a >= b)");
  EXPECT_EQ(tree("a <= b"), "(a <= b)");
  EXPECT_EQ(tree("a == b"), "(a == b)");
  EXPECT_EQ(tree("a != b"), "(a != b)");
  EXPECT_EQ(tree("a < -1"), "(a < -1)");
}

TEST(Literals, AreDecimalNumbers) {
  EXPECT_EQ(parsed("1e-4").number, 1e-4);
  EXPECT_EQ(parsed("-2.5").number, -2.5);
  EXPECT_EQ(parsed("-2.5").kind, Kind::number);
  EXPECT_EQ(parsed(".5").number, 0.5);
  EXPECT_THAT(refusal_of("1e-4x"), HasSubstr("e.yaml:3:7: in the expression '1e-4x': '1e-4x' is not a number"));
  EXPECT_THAT(refusal_of("a + 0x10"), HasSubstr("e.yaml:3:11: "));
  EXPECT_THAT(refusal_of("1.2.3"), HasSubstr("expected a name"));
}

TEST(Calls, TakePositionalAndThenNamedArguments) {
  EXPECT_EQ(tree("f()"), "f()");
  EXPECT_EQ(tree("f(a, 2, k=b + 1, m=[1, 2])"), "f(a, 2, k=(b + 1), m=[1, 2])");
  EXPECT_EQ(tree("f(g(a), h(b, c))"), "f(g(a), h(b, c))");
  EXPECT_EQ(tree("f(a == b)"), "f((a == b))") << "a comparison is no named argument";
  EXPECT_THAT(refusal_of("f(k=1, a)"), HasSubstr("e.yaml:3:14: "));
  EXPECT_THAT(refusal_of("f(k=1, a)"), HasSubstr("a positional argument cannot follow a named one"));
  EXPECT_THAT(refusal_of("f(k=1, k=2)"), HasSubstr("the argument 'k' is given twice"));
}

TEST(Names, HaveMembers) {
  EXPECT_EQ(parsed("data.image").dotted(), "data.image");
  EXPECT_EQ(parsed("a.b.c").dotted(), "a.b.c");
  EXPECT_EQ(tree("generator.average(z)"), "generator.average(z)");
  EXPECT_EQ(tree("f(x).y"), "f(x).y");
  EXPECT_EQ(parsed("f(x).y").dotted(), "");
  EXPECT_THAT(refusal_of("f(x)(y)"), HasSubstr("only a name can be called"));
  EXPECT_THAT(refusal_of("3(y)"), HasSubstr("only a name can be called"));
}

TEST(Positions, PointAtTheCharacter) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a +", "e.yaml:3:10: in the expression 'a +': the expression ends too early"},
      {"a + * b", "e.yaml:3:11: in the expression 'a + * b': expected a name, found '*'"},
      {"f(a b)", "e.yaml:3:11: in the expression 'f(a b)': expected ',' or ')', found 'b'"},
      {"f(a", "e.yaml:3:10: in the expression 'f(a': expected ',' or ')'"},
      {"(a", "e.yaml:3:9: in the expression '(a': expected ')'"},
      {"a)", "e.yaml:3:8: in the expression 'a)': unexpected ')'"},
      {"[1, 2", "e.yaml:3:12: in the expression '[1, 2': expected ',' or ']'"},
      {"a & b", "e.yaml:3:9: in the expression 'a & b': unexpected '&'"},
      {"a.", "e.yaml:3:9: in the expression 'a.': expected a name"},
      {"a.2", "e.yaml:3:9: …"},
      {"a < b < c", "e.yaml:3:13: in the expression 'a < b < c': unexpected '<'"},
      {"", "e.yaml:3:7: in the expression '': the expression ends too early"},
  };
  for (const auto& [text, expected] : cases) {
    const std::size_t open_end = expected.find("…");
    EXPECT_EQ(refusal_of(text).substr(0, open_end), expected.substr(0, open_end));
  }
}

TEST(Positions, AreKeptForEveryPart) {
  const Expression sum = parsed("first + f(second, k=third)");
  EXPECT_EQ(sum.where, place);
  EXPECT_EQ(sum.children[0].where.column, 7);
  EXPECT_EQ(sum.children[1].where.column, 15);
  EXPECT_EQ(sum.children[1].children[0].where.column, 17);
  EXPECT_EQ(sum.children[1].named[0].value.where.column, 27);
  EXPECT_EQ(sum.children[1].text, "f(second, k=third)");
}

TEST(Positions, OfAnOverrideAreTheOverride) {
  try {
    parse_expression("a +", {"override 'values.z=a +'", 0, 0});
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("override 'values.z=a +': in the expression"));
  }
}

TEST(Hostile, NestingIsBounded) {
  EXPECT_THAT(refusal_of(std::string(100000, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal_of(std::string(100000, '-') + "a"), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal_of(std::string(100000, '[')), HasSubstr("nested too deeply"));
  std::string calls;
  for (int i = 0; i < 10000; ++i) calls += "f(";
  EXPECT_THAT(refusal_of(calls), HasSubstr("nested too deeply"));
}

TEST(Hostile, ALongSumIsNoNesting) {
  std::string sum = "a";
  for (int i = 0; i < 5000; ++i) sum += "+a";
  EXPECT_NO_THROW(parsed(sum));
}

// ── functions ──────────────────────────────────────────────────────────────────────────────────────────────────────

struct Blend final : ValueFunction {
  Expression of;
  double share = 0.5;
  std::vector<int64_t> axes;

  Tensor build(ValueContext&) const override { return {}; }
  static void declare(Declaration<Blend>& d) {
    d.parameter("of", &Blend::of, "what").required();
    d.parameter("share", &Blend::share, "how much").min(0).max(1);
    d.parameter("axes", &Blend::axes, "where");
  }
};

struct Join final : ValueFunction {
  std::vector<Expression> parts;
  int64_t axis = -1;

  Tensor build(ValueContext&) const override { return {}; }
  static void declare(Declaration<Join>& d) {
    d.parameter("parts", &Join::parts, "what").required().variadic();
    d.parameter("axis", &Join::axis, "along which");
  }
};

class Functions : public ::testing::Test {
 protected:
  Functions() {
    registry_.values.add<Blend>("blend");
    registry_.values.add<Join>("join");
  }
  Expression read(const std::string& text) {
    ReadContext context{registry_, problems_, "values.v", Preset::keras, &expressions_, nullptr};
    return read_expression(YamlNode::scalar(text, place), context);
  }
  std::string problems() const {
    std::string text;
    for (const Problem& problem : problems_.all()) text += to_string(problem) + "\n";
    return text;
  }
  template <class Function>
  static const Function& function(const Expression& expression) {
    return dynamic_cast<const Function&>(*expression.function);
  }

  Registry registry_;
  Problems problems_;
  std::vector<std::pair<std::string, Expression>> expressions_;
};

TEST_F(Functions, TakeArgumentsInOrderOrByName) {
  const Expression call = read("blend(x + 1, 0.25, axes=[0, 2])");
  EXPECT_EQ(problems(), "");
  const auto& blend = function<Blend>(call);
  EXPECT_EQ(tree(blend.of), "(x + 1)");
  EXPECT_EQ(blend.share, 0.25);
  EXPECT_THAT(blend.axes, ElementsAre(0, 2));
  EXPECT_EQ(function<Blend>(read("blend(axes=1, of=y)")).share, 0.5);
  EXPECT_EQ(tree(function<Blend>(read("blend(axes=1, of=y)")).of), "y");
}

TEST_F(Functions, MayTakeAnyNumber) {
  const auto& join = function<Join>(read("join(a, b + c, join(d), axis=1)"));
  EXPECT_EQ(problems(), "");
  ASSERT_EQ(join.parts.size(), 3u);
  EXPECT_EQ(tree(join.parts[1]), "(b + c)");
  EXPECT_NE(join.parts[2].function, nullptr) << "functions within arguments are bound too";
  EXPECT_EQ(join.axis, 1);
}

TEST_F(Functions, RegisterTheirArgumentsForTheCheckOfNames) {
  read("blend(inner) + outer");
  std::vector<std::string> texts;
  for (const auto& [path, expression] : expressions_) texts.push_back(expression.text);
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre("inner", "blend(inner) + outer"));
}

TEST_F(Functions, KnowWhereTheirNamedArgumentsAreNamed) {
  const Expression call = parsed("f(a, bc = 1, d=2)");
  ASSERT_EQ(call.named.size(), 2u);
  EXPECT_EQ(call.named[0].where.column, place.column + 5);
  EXPECT_EQ(call.named[0].value.where.column, place.column + 10);
  EXPECT_EQ(call.named[1].where.column, place.column + 13);
}

TEST_F(Functions, TellWhatIsWrongWithTheirArguments) {
  read("blend(x, 2)");
  EXPECT_THAT(problems(), HasSubstr("e.yaml:3:16: values.v.blend.share: 2 is out of range; it must be at most 1"));
  read("blend(x, 1, 2, 3)");
  EXPECT_THAT(problems(),
              HasSubstr("e.yaml:3:22: values.v: blend(): takes at most 3 arguments; see 'duel help blend'"));
  read("blend(share=0.1)");
  EXPECT_THAT(problems(), HasSubstr("blend: 'of' is missing (what)"));
  read("blend(x, of=y)");
  EXPECT_THAT(problems(), HasSubstr("blend(): the argument 'of' is given twice"));
  read("blend(x, shar=0.1)");
  EXPECT_THAT(problems(), HasSubstr("e.yaml:3:16: values.v: blend(): unknown argument 'shar'; did you mean 'share'?"));
}

TEST_F(Functions, OthersAreLeftToTheNetworks) {
  const Expression call = read("generator(blend(z))");
  EXPECT_EQ(problems(), "");
  EXPECT_EQ(call.function, nullptr);
  EXPECT_NE(call.children[0].function, nullptr);
}

TEST_F(Functions, AQuotedTextBeginsBehindItsQuote) {
  ReadContext context{registry_, problems_, "values.v", Preset::keras, nullptr, nullptr};
  read_expression(YamlNode::scalar("a +* b", place, true), context);
  EXPECT_THAT(problems(), HasSubstr("e.yaml:3:11: "));
}

}  // namespace
}  // namespace duel
