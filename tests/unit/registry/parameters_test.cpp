// One declaration parses, checks, documents and describes a component.
#include "registry/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "registry/registry.hpp"
#include "registry/schedule.hpp"
#include "registry/value.hpp"

namespace duel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Halving final : Schedule {
  double from = 1;
  double at(const Clock& clock) const override { return from / static_cast<double>(clock.step + 1); }
  static void declare(Declaration<Halving>& d) { d.parameter("from", &Halving::from, "the first value").main(); }
};

struct Widget final : Loss {
  int64_t units = 0;
  double slope = 0.3;
  bool bias = true;
  std::string mode = "plain";
  std::vector<int64_t> sizes{1, 2};
  std::optional<double> limit;
  Shape shape;
  std::shared_ptr<const Schedule> rate = constant_schedule(0.5);
  Expression of;

  Tensor build(ValueContext&) const override { return {}; }
  std::string conflict() const { return limit && *limit < slope ? "'limit' must be at least 'slope'" : ""; }
  static void declare(Declaration<Widget>& d) {
    d.help("a thing of many parameters");
    d.reference("Someone, Somewhere (2020)");
    d.parameter("units", &Widget::units, "how many").required().main().min(1).max(100);
    d.parameter("slope", &Widget::slope, "how steep").preset("0.3", "0.01").above(0);
    d.parameter("bias", &Widget::bias, "whether");
    d.parameter("mode", &Widget::mode, "which way").one_of({"plain", "fancy"});
    d.parameter("sizes", &Widget::sizes, "how large");
    d.parameter("limit", &Widget::limit, "how much at most");
    d.parameter("shape", &Widget::shape, "of what form");
    d.parameter("rate", &Widget::rate, "how fast").min(0);
    d.parameter("of", &Widget::of, "of what");
  }
};

class Parameters : public ::testing::Test {
 protected:
  Parameters() {
    registry_.losses.add<Widget>("widget");
    registry_.schedules.add<Halving>("halving");
  }
  // Null after problems.
  std::shared_ptr<const Widget> read(const std::string& yaml, Preset preset = Preset::keras) {
    problems_ = {};
    ReadContext context{registry_, problems_, "at", preset, nullptr, nullptr};
    return std::dynamic_pointer_cast<const Widget>(registry_.losses.read(parse_yaml(yaml, "p.yaml"), context));
  }
  std::string problems_of(const std::string& yaml) {
    EXPECT_EQ(read(yaml), nullptr);
    std::string text;
    for (const Problem& problem : problems_.all()) text += to_string(problem) + "\n";
    return text;
  }

  Registry registry_;
  Problems problems_;
};

TEST_F(Parameters, AreSetFromAMap) {
  const auto widget = read(
      "widget: {units: 7, slope: 1e-4, bias: false, mode: fancy, sizes: [3, 4], limit: 2, shape: [2, 5], "
      "rate: {halving: 8}, of: a + b, weight: 3, every: 4}");
  ASSERT_NE(widget, nullptr);
  EXPECT_EQ(widget->units, 7);
  EXPECT_EQ(widget->slope, 1e-4);
  EXPECT_FALSE(widget->bias);
  EXPECT_EQ(widget->mode, "fancy");
  EXPECT_THAT(widget->sizes, ElementsAre(3, 4));
  EXPECT_EQ(widget->limit, 2.0);
  EXPECT_EQ(widget->shape, (Shape{2, 5}));
  EXPECT_EQ(widget->rate->at({3, 0, 0, 0}), 2);
  EXPECT_EQ(widget->of.text, "a + b");
  EXPECT_EQ(widget->weight->at({}), 3) << "what every loss has";
  EXPECT_EQ(widget->every, 4);
}

TEST_F(Parameters, HaveDefaultsThatFollowThePreset) {
  const auto keras = read("widget: {units: 1}");
  ASSERT_NE(keras, nullptr);
  EXPECT_EQ(keras->slope, 0.3);
  EXPECT_TRUE(keras->bias);
  EXPECT_EQ(keras->rate->at({}), 0.5);
  EXPECT_FALSE(keras->limit.has_value());
  EXPECT_EQ(read("widget: {units: 1}", Preset::torch)->slope, 0.01);
}

TEST_F(Parameters, ALoneValueIsTheMainOne) {
  EXPECT_EQ(read("widget: 5")->units, 5);
  EXPECT_EQ(read("widget: 5")->slope, 0.3);
  EXPECT_THAT(problems_of("widget: five"),
              HasSubstr("p.yaml:1:9: at.widget.units: expected an integer, found the text 'five'"));
}

TEST_F(Parameters, ALoneValueIsAListOfOne) {
  EXPECT_THAT(read("widget: {units: 1, sizes: 9}")->sizes, ElementsAre(9));
  EXPECT_EQ(read("widget: {units: 1, shape: 9}")->shape, (Shape{9}));
}

TEST_F(Parameters, NullClearsAnOptionalOne) {
  EXPECT_FALSE(read("widget: {units: 1, limit: null}")->limit.has_value());
}

TEST_F(Parameters, MustBeThereWhenRequired) {
  EXPECT_EQ(problems_of("widget"), "p.yaml:1:1: at: widget: 'units' is missing (how many)\n");
  EXPECT_EQ(problems_of("widget: {slope: 1}"), "p.yaml:1:9: at: widget: 'units' is missing (how many)\n");
}

TEST_F(Parameters, AreAllCheckedAtOnce) {
  EXPECT_EQ(
      problems_of("widget: {units: 0, slope: 0, bias: yes, mode: fancey, sizes: [1, x], colour: red}"),
      "p.yaml:1:70: at: unknown key 'colour'; one of: units, slope, bias, mode, sizes, limit, shape, rate, of, weight, "
      "every\n"
      "p.yaml:1:17: at.widget.units: 0 is out of range; it must be at least 1\n"
      "p.yaml:1:27: at.widget.slope: 0 is out of range; it must be more than 0\n"
      "p.yaml:1:36: at.widget.bias: expected true or false, found the text 'yes'\n"
      "p.yaml:1:47: at.widget.mode: 'fancey' is not possible here; did you mean 'fancy'?\n"
      "p.yaml:1:66: at.widget.sizes[1]: expected an integer, found the text 'x'\n");
}

TEST_F(Parameters, RestrainEachOther) {
  EXPECT_EQ(problems_of("widget: {units: 1, slope: 3, limit: 2}"),
            "p.yaml:1:9: at.widget: 'limit' must be at least 'slope'\n");
}

// What YAML 1.1 and lenient readers would let pass.
TEST_F(Parameters, NumbersAreThoseOfTheCoreSchema) {
  for (const std::string bad : {"1e-4x", ".nan", ".inf", "0x10", "0o17", "1_000", "no", "yes", "1,5", "", "+-1",
                                "1e999", "--1", "[1]", "{a: 1}", "~"}) {
    EXPECT_EQ(read("widget: {units: 1, slope: " + bad + "}"), nullptr) << bad;
  }
  for (const std::string bad : {"1.0", "1e2", "0777", "99999999999999999999", "no", "'5'"}) {
    EXPECT_EQ(read("widget: {units: " + bad + "}"), nullptr) << bad;
  }
  for (const auto& [text, value] :
       {std::pair{"1e-4", 1e-4}, {"3", 3.0}, {"0.5", 0.5}, {"+2.5", 2.5}, {"1E+2", 100.0}}) {
    const auto widget = read(std::string("widget: {units: 1, slope: ") + text + "}");
    ASSERT_NE(widget, nullptr) << text;
    EXPECT_EQ(widget->slope, value) << text;
  }
}

TEST_F(Parameters, SayHowANumberIsSpelled) {
  EXPECT_THAT(problems_of("widget: {units: 007}"), HasSubstr("found the text '007'; leave out the leading zeros"));
  EXPECT_THAT(problems_of("widget: {units: '7'}"), HasSubstr("found the text '7'; leave out the quotes"));
  EXPECT_THAT(problems_of("widget: {units: 0.5}"), Not(HasSubstr("leave out")));
}

TEST_F(Parameters, ShapesAreBounded) {
  EXPECT_THAT(problems_of("widget: {units: 1, shape: [4000000000, 4000000000, 4000000000]}"),
              HasSubstr("too many elements"));
  EXPECT_THAT(problems_of("widget: {units: 1, shape: [0, 2]}"), HasSubstr("at least 1"));
  EXPECT_THAT(problems_of("widget: {units: 1, shape: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}"), HasSubstr("at most"));
}

TEST_F(Parameters, SchedulesStandWhereNumbersDo) {
  EXPECT_FALSE(read("widget: {units: 1, rate: halving}")->rate->is_constant());
  EXPECT_THAT(problems_of("widget: {units: 1, rate: {halfing: 1}}"),
              HasSubstr("p.yaml:1:27: at.widget.rate: unknown schedule 'halfing'; did you mean 'halving'?"));
  EXPECT_THAT(problems_of("widget: {units: 1, rate: -1}"), HasSubstr("-1 is out of range"));
}

TEST_F(Parameters, SchedulesMayBeCalled) {
  for (const std::string text : {"halving(8)", "'halving(8)'", "halving(from=8)"}) {
    const auto widget = read("{widget: {units: 1, rate: " + text + "}}");
    ASSERT_NE(widget, nullptr) << text;
    EXPECT_EQ(widget->rate->at({.step = 1}), 4) << text;
  }
  EXPECT_THAT(
      problems_of("widget: {units: 1, rate: halfing(8)}"),
      HasSubstr("p.yaml:1:26: at.widget.rate: expected a number or a schedule, found the text 'halfing(8)'; did "
                "you mean 'halving'?"));
  EXPECT_THAT(problems_of("widget: {units: 1, rate: halving(to=8)}"),
              HasSubstr("p.yaml:1:34: at.widget.rate: halving(): unknown argument 'to'"));
}

TEST_F(Parameters, KindsComeFromTheRegistryAlone) {
  EXPECT_THAT(problems_of("wigdet: 1"), HasSubstr("p.yaml:1:1: at: unknown loss 'wigdet'; did you mean 'widget'?"));
  EXPECT_THAT(problems_of("[widget]"), HasSubstr("expected a loss, found a list"));
  EXPECT_THAT(problems_of("{widget: 1, other: 2}"),
              HasSubstr("expected a loss, found a map of several (widget, other)"));
  EXPECT_THAT(problems_of("{}"), HasSubstr("expected a loss, found a map"));
}

TEST_F(Parameters, AreExplainedByHelp) {
  const auto help = help_text(registry_, "widget");
  ASSERT_TRUE(help.has_value());
  for (const std::string part :
       {"widget (loss)", "a thing of many parameters", "Someone, Somewhere (2020)", "units (main)", "how many",
        "integer ≥ 1 ≤ 100; required", "number > 0; default 0.3 (keras), 0.01 (torch)", "plain | fancy",
        "default [1, 2]", "number or schedule ≥ 0; default 0.5", "every", "lazy regularisation"}) {
    EXPECT_THAT(*help, HasSubstr(part));
  }
  EXPECT_THAT(*help_text(registry_, "loss"), HasSubstr("widget"));
  EXPECT_FALSE(help_text(registry_, "nothing").has_value());
}

TEST_F(Parameters, AreDescribedForEditors) {
  const nlohmann::json schema = registry_.losses.schema();
  const auto& kinds = schema.at("anyOf");
  ASSERT_EQ(kinds.size(), 1u) << "a kind with a required parameter is never a bare word";
  EXPECT_EQ(kinds[0].at("required"), nlohmann::json::array({"widget"}));
  const auto& forms = kinds[0].at("properties").at("widget").at("anyOf");
  const auto& map = forms.at(0);
  EXPECT_EQ(map.at("required"), nlohmann::json::array({"units"}));
  EXPECT_EQ(map.at("additionalProperties"), false);
  const auto& properties = map.at("properties");
  EXPECT_EQ(properties.at("units").at("type"), "integer");
  EXPECT_EQ(properties.at("units").at("minimum"), 1);
  EXPECT_EQ(properties.at("units").at("maximum"), 100);
  EXPECT_EQ(properties.at("slope").at("exclusiveMinimum"), 0);
  EXPECT_EQ(properties.at("mode").at("enum"), nlohmann::json::array({"plain", "fancy"}));
  EXPECT_THAT(properties.at("slope").at("description").get<std::string>(), HasSubstr("how steep"));
  EXPECT_TRUE(properties.contains("weight"));
  EXPECT_EQ(forms.at(1).at("type"), "integer") << "a lone number is the main parameter";
}

TEST(Registration, RefusesAKindTwice) {
  Registry registry;
  registry.losses.add<Widget>("widget");
  EXPECT_THROW(registry.losses.add<Widget>("widget"), InternalError);
}

}  // namespace
}  // namespace duel
