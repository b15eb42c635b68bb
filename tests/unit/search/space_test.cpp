// Spaces as sweeps write them: what is read, what is refused and where, and the points of grids and random searches.
#include "search/space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

SearchSpace space_of(const std::string& text) {
  Problems problems;
  SearchSpace space = read_space(parse_yaml(text, "sweep.yaml"), problems);
  problems.throw_if_any();
  return space;
}

std::string refusal_of_space(const std::string& text) {
  Problems problems;
  read_space(parse_yaml(text, "sweep.yaml"), problems);
  return problems.empty() ? "accepted" : to_string(problems.all().front());
}

std::vector<std::string> grid_of(const SearchSpace& space) {
  std::vector<std::string> points;
  for (int64_t i = 0; i < grid_size(space).value(); ++i) {
    points.push_back(fmt::format("{}", fmt::join(overrides_of(space, grid_point(space, i)), " ")));
  }
  return points;
}

TEST(Space, OfAGridHasEveryPointOnceTheLastParameterFastest) {
  EXPECT_THAT(grid_of(space_of("a.x: {values: [1, two]}\nb: {min: 3, max: 5}\nc: {value: {sgd: {lr: 0.1}}}\n")),
              ElementsAre("a.x=1 b=3 c={sgd: {lr: 0.1}}", "a.x=1 b=4 c={sgd: {lr: 0.1}}",
                          "a.x=1 b=5 c={sgd: {lr: 0.1}}", "a.x=two b=3 c={sgd: {lr: 0.1}}",
                          "a.x=two b=4 c={sgd: {lr: 0.1}}", "a.x=two b=5 c={sgd: {lr: 0.1}}"));
}

TEST(Space, HasParametersThatDependOnAValue) {
  const SearchSpace space = space_of(
      "norm:\n"
      "  values: [none, batch]\n"
      "  when:\n"
      "    batch:\n"
      "      decay: {values: [0.9, 0.99]}\n"
      "      kind:\n"
      "        values: [a, b]\n"
      "        when: {b: {depth: {min: 1, max: 3}}}\n");
  EXPECT_THAT(grid_of(space),
              UnorderedElementsAre("norm=none", "norm=batch decay=0.9 kind=a", "norm=batch decay=0.99 kind=a",
                                   "norm=batch decay=0.9 kind=b depth=1", "norm=batch decay=0.9 kind=b depth=2",
                                   "norm=batch decay=0.9 kind=b depth=3", "norm=batch decay=0.99 kind=b depth=1",
                                   "norm=batch decay=0.99 kind=b depth=2", "norm=batch decay=0.99 kind=b depth=3"));
  for (int64_t number = 0; number < 50; ++number) {
    const Point point = random_point(space, 1, number);
    EXPECT_EQ(point[1].has_value(), point[0] == 1.0) << number;
    EXPECT_EQ(point[3].has_value(), point[2] == 1.0) << number;
  }
}

TEST(Space, PutsTheNamesBelowParametersBehindOneAnother) {
  EXPECT_THAT(
      grid_of(space_of("players.g:\n  parameters:\n    lr: {value: 1}\n    adam: {parameters: {beta1: {value: 0}}}\n")),
      ElementsAre("players.g.lr=1 players.g.adam.beta1=0"));
}

TEST(Space, KeepsMultiplesOfAStepWithinTheirBounds) {
  EXPECT_THAT(grid_of(space_of("a: {distribution: q_uniform, min: 0.1, max: 0.35, q: 0.1}")),
              ElementsAre("a=0.1", "a=0.2", "a=0.3"));
  EXPECT_THAT(grid_of(space_of("a: {distribution: q_log_uniform_values, min: 8, max: 32, q: 8}")),
              ElementsAre("a=8", "a=16", "a=24", "a=32"));
}

// Shares of equal parts of the axis are equal.
TEST(Space, IsDrawnAsItsDistributionsSay) {
  const SearchSpace space = space_of(
      "lr: {distribution: log_uniform_values, min: 1e-4, max: 1}\n"
      "units: {min: 1, max: 4}\n"
      "kind: {values: [a, b], probabilities: [0.8, 0.2]}\n"
      "x: {distribution: normal, mu: 3, sigma: 2}\n"
      "y: {distribution: q_log_normal, mu: 1, sigma: 0.5, q: 2}\n");
  constexpr int draws = 4000;
  std::array<double, 4> decades{}, units{};
  double first_kind = 0, mean = 0, square = 0;
  for (int64_t number = 0; number < draws; ++number) {
    const Point point = random_point(space, 9, number);
    EXPECT_GE(*point[0], 1e-4);
    EXPECT_LE(*point[0], 1);
    ++decades.at(static_cast<std::size_t>(std::min(3.0, std::log10(*point[0]) + 4)));
    ++units.at(static_cast<std::size_t>(*point[1]) - 1);
    first_kind += *point[2] == 0 ? 1 : 0;
    mean += *point[3] / draws;
    square += *point[3] * *point[3] / draws;
    EXPECT_EQ(std::fmod(*point[4], 2), 0);
  }
  const double spread = 5 * std::sqrt(0.25 * 0.75 * draws);
  for (const double count : decades) EXPECT_NEAR(count, draws / 4.0, spread);
  for (const double count : units) EXPECT_NEAR(count, draws / 4.0, spread);
  EXPECT_NEAR(first_kind / draws, 0.8, 5 * 0.4 / std::sqrt(draws));
  EXPECT_NEAR(mean, 3, 5 * 2 / std::sqrt(draws));
  EXPECT_NEAR(std::sqrt(square - mean * mean), 2, 0.2);
}

TEST(Space, IsDrawnAgainTheSameWhateverElseIsVaried) {
  const SearchSpace one = space_of("a: {min: 0.0, max: 1}");
  const SearchSpace two = space_of("b: {values: [1, 2]}\na: {min: 0.0, max: 1}");
  EXPECT_EQ(random_point(one, 5, 17)[0], random_point(two, 5, 17)[1]);
  EXPECT_NE(random_point(one, 5, 17)[0], random_point(one, 6, 17)[0]);
  EXPECT_NE(random_point(one, 5, 17)[0], random_point(one, 5, 18)[0]);
}

TEST(Space, RefusesMistakesWithTheirPlace) {
  EXPECT_THAT(refusal_of_space("a: {distribution: log_uniform, min: -5, max: -1}"),
              HasSubstr("sweep.yaml:1:19: parameters.a: log_uniform takes the exponents of its bounds, which is easily "
                        "mistaken; write log_uniform_values"));
  EXPECT_THAT(refusal_of_space("a: {distribution: unifrom, min: 0, max: 1}"), HasSubstr("did you mean 'uniform'?"));
  EXPECT_THAT(refusal_of_space("a: {min: 0, maxx: 1}"), HasSubstr("has no 'maxx'; did you mean 'max'?"));
  EXPECT_THAT(refusal_of_space("a: {min: 2, max: 1}"), HasSubstr("`min` is greater than `max`"));
  EXPECT_THAT(refusal_of_space("a: {distribution: log_uniform_values, min: 0, max: 1}"), HasSubstr("above 0"));
  EXPECT_THAT(refusal_of_space("a: {distribution: q_uniform, min: 0.1, max: 0.2, q: 0.5}"), HasSubstr("no multiple"));
  EXPECT_THAT(refusal_of_space("a: {values: []}"), HasSubstr("the list has no values"));
  EXPECT_THAT(refusal_of_space("a: {values: [1, 2, 1]}"), HasSubstr("the value 1 stands here twice"));
  EXPECT_THAT(refusal_of_space("a: {values: [1, 2], probabilities: [0.5, 0.6]}"), HasSubstr("sum to 1.1"));
  EXPECT_THAT(refusal_of_space("a: 3"), HasSubstr("expected a map"));
  EXPECT_THAT(refusal_of_space("a: {}"), HasSubstr("does not say which values there are"));
  EXPECT_THAT(refusal_of_space("a: {values: [b, c], when: {d: {e: {value: 1}}}}"),
              HasSubstr("'d' is none of the values"));
  EXPECT_THAT(refusal_of_space("a: {min: 0, max: 3, when: {1: {e: {value: 1}}}}"),
              HasSubstr("only a parameter with `values`"));
  EXPECT_THAT(refusal_of_space("a: {value: 1}\nb: {parameters: {x: {value: 1}}, values: [1]}"),
              HasSubstr("'values' cannot stand beside `parameters`"));
  EXPECT_THAT(refusal_of_space("a.b: {value: 1}\na: {parameters: {b: {value: 2}}}"), HasSubstr("stands here twice"));
  EXPECT_THAT(refusal_of_space("a..b: {value: 1}"), HasSubstr("is no path into an experiment"));
  EXPECT_THAT(refusal_of_space("[1]"), HasSubstr("expected a map of parameters"));
}

TEST(Space, WithoutEndHasNoGrid) {
  EXPECT_EQ(grid_size(space_of("a: {min: 0.0, max: 1}")), std::nullopt);
  EXPECT_EQ(grid_size(space_of("a: {min: 0, max: 99999}\nb: {min: 0, max: 99999}")), std::nullopt) << "10¹⁰ points";
}

}  // namespace
}  // namespace duel
