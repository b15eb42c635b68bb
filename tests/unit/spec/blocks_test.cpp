// What an experiment may say about blocks, lists within layers, and shares.
#include <gmock/gmock.h>

#include "tests/unit/spec/reading.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

std::string with(const std::string& blocks, const std::string& layers) {
  return small_experiment("blocks: " + blocks + "\nnetworks: {net: {inputs: {x: [2]}, layers: " + layers + "}}\n");
}

std::string problem(const std::string& blocks, const std::string& layers) { return problems_of(with(blocks, layers)); }

const std::string wide =
    "{wide: {parameters: {width: null, slope: 0.2}, layers: [dense: '${width}', leaky_relu: "
    "'${slope}']}}";

TEST(Blocks, AreKindsOfLayers) {
  const Experiment experiment = read_sound(with(wide, "[wide: 3, wide: {width: 1, as: last}]"));
  const NetworkSpec& net = experiment.networks[0];
  ASSERT_EQ(net.layers.size(), 2u);
  EXPECT_EQ(net.layers[0].name, "wide_1");
  EXPECT_EQ(net.layers[1].name, "last");
}

TEST(Blocks, MayBeMadeOfBlocks) {
  read_sound(
      with("{a: {parameters: {n: 4}, layers: [b: {n: '${n}'}, dense: 1]}, b: {parameters: {n: 3}, layers: "
           "[dense: '${n}']}}",
           "[a, a: 7]"));
}

TEST(Blocks, SayWhatAUseLacksOrHasTooMuch) {
  EXPECT_THAT(problem(wide, "[wide, dense: 1]"), HasSubstr("networks.net.layers[0]: wide: 'width' is missing"));
  EXPECT_THAT(problem(wide, "[wide: {width: 3, slop: 1}, dense: 1]"),
              HasSubstr("networks.net.layers[0]: unknown key 'slop'; did you mean 'slope'?"));
  EXPECT_THAT(problem(wide, "[wide: {width: 0}, dense: 1]"),
              HasSubstr("networks.net.layers[0].wide.layers[0].dense.units: 0 is out of range"));
  EXPECT_THAT(problem("{plain: {layers: [tanh]}}", "[plain: 3, dense: 1]"), HasSubstr("plain has no parameter"));
  EXPECT_THAT(problem(wide, "[widd: 3, dense: 1]"), HasSubstr("unknown layer 'widd'; did you mean 'wide'?"));
}

TEST(Blocks, RefuseCirclesAndExplosions) {
  EXPECT_THAT(problem("{a: {layers: [b]}, b: {layers: [tanh, a]}}", "[a, dense: 1]"),
              HasSubstr("a block within itself: a → b → a"));
  std::string blocks = "{b0: {layers: [tanh, tanh, tanh, tanh, tanh, tanh, tanh, tanh, tanh, tanh]}";
  for (int i = 1; i <= 8; ++i) {
    blocks += fmt::format(", b{}: {{layers: [", i);
    for (int k = 0; k < 10; ++k) blocks += fmt::format("{}b{}", k > 0 ? ", " : "", i - 1);
    blocks += "]}";
  }
  EXPECT_THAT(([&] { problem(blocks + "}", "[b8, dense: 1]"); }),
              ::testing::ThrowsMessage<UserError>(HasSubstr("the blocks make more than 10000 layers")));
}

TEST(Blocks, AreCheckedWhereTheyAreDefined) {
  EXPECT_THAT(problem("{dense: {layers: [tanh]}}", "[dense: 1]"), HasSubstr("'dense' is a kind of layer already"));
  EXPECT_THAT(problem("{b: {parameters: {from: 1}, layers: [tanh]}}", "[dense: 1]"),
              HasSubstr("blocks.b.parameters.from: every layer has a parameter 'from' already"));
  EXPECT_THAT(problem("{b: {inputs: [], layers: [tanh]}}", "[dense: 1]"), HasSubstr("at least one input"));
  EXPECT_THAT(problem("{b: {inputs: [x, x], layers: [tanh]}}", "[dense: 1]"), HasSubstr("named twice"));
  EXPECT_THAT(problem("{b: {inputs: [x]}}", "[dense: 1]"), HasSubstr("'layers' is missing"));
  EXPECT_THAT(problem("{b: [tanh]}", "[dense: 1]"), HasSubstr("expected a block, found a list"));
  EXPECT_THAT(problem("{b: {layers: [tanh: {from: z}]}}", "[b, dense: 1]"),
              HasSubstr("no layer or input before this is called 'z'"));
}

TEST(Shares, HaveNames) {
  EXPECT_THAT(problem("{}", "[dense: {units: 1, share: a/b}]"), HasSubstr("'a/b' cannot be the name of a share"));
  EXPECT_THAT(problems_of(small_experiment("networks: {shared: {inputs: {x: [2]}, layers: [dense: 1]}}")),
              HasSubstr("networks.shared: 'shared' is where the weights of `share` are kept"));
}

}  // namespace
}  // namespace duel
