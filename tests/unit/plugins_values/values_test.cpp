// Value functions against closed forms and properties. Their derivatives are checked in gradient/losses.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "base/random.hpp"
#include "plugins/values/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/value_harness.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

const Registry& registry() { return filled_registry<register_values>(); }

struct Setting {
  int64_t batch = 4;
  bool redraws_each_turn = true;
  int64_t turn = 0;
};

// Inputs are called a, b, c in their order.
HostTensor value_of(const std::string& text, const std::vector<HostTensor>& inputs = {}, const Setting& setting = {}) {
  const auto subject = [&](Graph& graph, std::span<const Tensor> tensors) {
    TestValueContext context(graph, setting.batch);
    context.set_turn(setting.redraws_each_turn, setting.turn);
    context.define_in_order(tensors);
    return evaluate_text(registry(), context, text);
  };
  return evaluate(subject, inputs);
}

std::vector<double> values_of(const std::string& text, const std::vector<HostTensor>& inputs = {}) {
  return value_of(text, inputs).values;
}

std::string refusal_of(const std::string& text, const std::vector<HostTensor>& inputs = {}) {
  try {
    value_of(text, inputs);
  } catch (const UserError& error) {
    return error.what();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "accepted";
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments out;
  for (const double value : values) out.mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    out.deviation += (value - out.mean) * (value - out.mean) / static_cast<double>(values.size());
  }
  out.deviation = std::sqrt(out.deviation);
  return out;
}

// ── sources ──

TEST(Normal, HasTheShapeMeanAndDeviationAskedFor) {
  EXPECT_EQ(value_of("normal(100)").shape, (Shape{4, 100}));
  EXPECT_EQ(value_of("normal([2, 3], batch=7)").shape, (Shape{7, 2, 3}));
  const Moments moments = moments_of(values_of("normal(100, mean=3, deviation=0.5, batch=400)"));
  EXPECT_NEAR(moments.mean, 3, 0.01);
  EXPECT_NEAR(moments.deviation, 0.5, 0.01);
}

TEST(Uniform, FillsItsInterval) {
  const auto values = values_of("uniform(100, low=-1, high=3, batch=400)");
  const Moments moments = moments_of(values);
  EXPECT_NEAR(moments.mean, 1, 0.03);
  EXPECT_NEAR(moments.deviation, 4 / std::sqrt(12.0), 0.02);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -1);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 3);
  EXPECT_LT(*std::min_element(values.begin(), values.end()), -0.99);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 2.99);
}

TEST(Sources, AreTheStreamsNumbers) {
  // The harness' stream of the name "uniform", at step 0 and turn 0.
  const auto bits = random_bits(stream_key(1, 0, "uniform"), {}, 0);
  std::vector<double> expected;
  for (const uint32_t word : bits) expected.push_back(uniform_double(word));
  EXPECT_EQ(values_of("uniform(1)"), expected);
}

TEST(Sources, DrawAnewAsToldElseAsTheExperimentSays) {
  const auto draw = [](const std::string& text, bool experiment, int64_t turn) {
    return value_of(text, {}, {.redraws_each_turn = experiment, .turn = turn}).values;
  };
  for (const std::string kind : {"normal(3", "uniform(3", "categorical(1000"}) {
    EXPECT_NE(draw(kind + ")", true, 0), draw(kind + ")", true, 1)) << kind;
    EXPECT_EQ(draw(kind + ")", false, 0), draw(kind + ")", false, 1)) << kind;
    EXPECT_EQ(draw(kind + ", redraw=step)", true, 0), draw(kind + ", redraw=step)", true, 1)) << kind;
    EXPECT_NE(draw(kind + ", redraw=turn)", false, 0), draw(kind + ", redraw=turn)", false, 1)) << kind;
  }
}

TEST(Categorical, DrawsEachClassAsOftenAsItShould) {
  const auto frequencies = [](const std::string& text, std::size_t classes) {
    const HostTensor drawn = value_of(text);
    EXPECT_EQ(drawn.shape, Shape{20000});
    std::vector<double> out(classes);
    for (const double index : drawn.values) out.at(static_cast<std::size_t>(index)) += 1.0 / 20000;
    return out;
  };
  EXPECT_THAT(frequencies("categorical(10, batch=20000)", 10), Each(testing::DoubleNear(0.1, 0.01)));
  EXPECT_THAT(frequencies("categorical(4, probabilities=[0.5, 0, 0.2, 0.3], batch=20000)", 4),
              ElementsAre(testing::DoubleNear(0.5, 0.015), 0, testing::DoubleNear(0.2, 0.015),
                          testing::DoubleNear(0.3, 0.015)));
}

// ── functions of other values ──

TEST(Noise, AddsItsDeviation) {
  const HostTensor level{{200, 100}, std::vector<double>(20000, 7.0)};
  const Moments moments = moments_of(values_of("noise(a, 0.25)", {level}));
  EXPECT_NEAR(moments.mean, 7, 0.01);
  EXPECT_NEAR(moments.deviation, 0.25, 0.01);
  EXPECT_EQ(values_of("noise(a, 0)", {level}), level.values);
}

TEST(Interpolate, MixesEachRowWithOneShare) {
  const HostTensor zeros{{50, 2, 3}, std::vector<double>(300, 0.0)};
  const HostTensor ones{{50, 2, 3}, std::vector<double>(300, 1.0)};
  const auto mixed = values_of("interpolate(a, b)", {ones, zeros});
  std::set<double> shares;
  for (std::size_t row = 0; row < 50; ++row) {
    for (std::size_t i = 1; i < 6; ++i) EXPECT_EQ(mixed[6 * row + i], mixed[6 * row]);
    shares.insert(mixed[6 * row]);
  }
  EXPECT_EQ(shares.size(), 50u);
  EXPECT_GE(*shares.begin(), 0);
  EXPECT_LT(*shares.rbegin(), 1);
  EXPECT_THAT(refusal_of("interpolate(a, b)", {ones, {{50, 3}, std::vector<double>(150)}}), HasSubstr("one shape"));
}

TEST(Elementwise, FunctionsAreTheLibrarys) {
  const HostTensor x{{3}, {0.5, 1.25, 3}};
  const auto each = [&](double (*function)(double)) {
    std::vector<double> out;
    for (const double value : x.values) out.push_back(function(value));
    return HostTensor{x.shape, out};
  };
  const auto near = [&](const std::string& text, double (*function)(double)) {
    EXPECT_TRUE(tensors_near(value_of(text, {x}), each(function), 1e-15)) << text;
  };
  near("abs(-a)", [](double v) { return v; });
  near("exp(a)", [](double v) { return std::exp(v); });
  near("log(a)", [](double v) { return std::log(v); });
  near("sigmoid(a)", [](double v) { return 1 / (1 + std::exp(-v)); });
  near("softplus(a)", [](double v) { return v + std::log1p(std::exp(-v)); });
  near("sqrt(a)", [](double v) { return std::sqrt(v); });
  near("square(a)", [](double v) { return v * v; });
  near("tanh(a)", [](double v) { return std::tanh(v); });
  near("maximum(a, 1)", [](double v) { return std::max(v, 1.0); });
  near("minimum(a, 1)", [](double v) { return std::min(v, 1.0); });
  near("select(a > 1, a, -1)", [](double v) { return v > 1 ? v : -1; });
}

TEST(Folds, GoOverAllElementsOrAlongAxes) {
  const HostTensor x{{2, 3}, {1, 2, 3, 4, 5, 9}};
  EXPECT_THAT(values_of("mean(a)", {x}), ElementsAre(4));
  EXPECT_THAT(values_of("sum(a)", {x}), ElementsAre(24));
  EXPECT_EQ(value_of("mean(a)", {x}).shape, Shape{});
  EXPECT_THAT(values_of("mean(a, axes=1)", {x}), ElementsAre(2, 6));
  EXPECT_THAT(values_of("sum(a, axes=[0])", {x}), ElementsAre(5, 7, 12));
  EXPECT_EQ(value_of("sum(a, axes=-1, keep=true)", {x}).shape, (Shape{2, 1}));
  EXPECT_THAT(values_of("mean(a > 2)", {x}), ElementsAre(testing::DoubleEq(4.0 / 6)));
  EXPECT_THAT(refusal_of("mean(a, axes=2)", {x}), HasSubstr("mean"));
}

TEST(Norm, IsEachRowsLength) {
  const HostTensor x{{2, 2, 1}, {3, 4, 0, 0}};
  EXPECT_EQ(value_of("norm(a)", {x}).shape, Shape{2});
  EXPECT_TRUE(tensors_near(value_of("norm(a)", {x}), {{2}, {5, 1e-6}}, 1e-12));
  EXPECT_THAT(values_of("norm(a, epsilon=0)", {x}), ElementsAre(5, 0));
  EXPECT_THAT(values_of("gradient(norm(a), a)", {{{1, 2}, {0, 0}}}), ElementsAre(0, 0));
}

TEST(Gradient, IsTheDerivativeOfTheSum) {
  EXPECT_THAT(values_of("gradient(square(a) * a, a)", {{{2, 1}, {2, 3}}}), ElementsAre(12, 27));
  EXPECT_THAT(values_of("gradient(gradient(square(a) * a, a), a)", {{{2, 1}, {2, 3}}}), ElementsAre(12, 18));
  EXPECT_THAT(values_of("gradient(a * stop_gradient(a), a)", {{{1}, {5}}}), ElementsAre(5));
  EXPECT_THAT(refusal_of("gradient(square(a), b)", {{{1}, {5}}, {{1}, {6}}}),
              HasSubstr("'square(a)' is not computed from 'b'"));
}

TEST(Concat, JoinsAnyNumberOfValues) {
  const HostTensor left{{2, 1}, {1, 2}};
  const HostTensor right{{2, 2}, {3, 4, 5, 6}};
  EXPECT_THAT(values_of("concat(a, b)", {left, right}), ElementsAre(1, 3, 4, 2, 5, 6));
  EXPECT_THAT(values_of("concat(a, b, a, axis=1)", {left, right}), ElementsAre(1, 3, 4, 1, 2, 5, 6, 2));
  EXPECT_THAT(values_of("concat(a, a, axis=0)", {left}), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(refusal_of("concat(a, b, axis=0)", {left, right}), HasSubstr("concat"));
  EXPECT_THAT(refusal_of("concat()"), HasSubstr("'parts' is missing"));
}

TEST(Reshape, KeepsTheBatch) {
  const HostTensor x = random_tensor({3, 4}, 1);
  EXPECT_EQ(value_of("reshape(a, [2, 2, 1])", {x}).shape, (Shape{3, 2, 2, 1}));
  EXPECT_EQ(values_of("reshape(a, [2, 2, 1])", {x}), x.values);
  EXPECT_THAT(refusal_of("reshape(a, 5)", {x}), HasSubstr("[3, 5]"));
}

TEST(OneHot, PutsAOneAtTheClass) {
  EXPECT_THAT(values_of("one_hot(a, 3)", {{{2}, {2, 0}}}), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_EQ(value_of("one_hot(a, 3)", {{{2, 1}, {2, 0}}}).shape, (Shape{2, 3}));
  EXPECT_THAT(values_of("one_hot(a, 2)", {{{1}, {2}}}), ElementsAre(0, 0));
  EXPECT_THAT(refusal_of("one_hot(a, 3)", {{{2, 2}, {0, 1, 2, 0}}}), HasSubstr("one index a row"));
}

TEST(Flip, MirrorsTheWidth) {
  const HostTensor image{{1, 2, 3, 1}, {1, 2, 3, 4, 5, 6}};
  EXPECT_THAT(values_of("flip(a)", {image}), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(values_of("flip(a, axis=1)", {image}), ElementsAre(4, 5, 6, 1, 2, 3));
  EXPECT_THAT(values_of("flip(a, probability=0)", {image}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(refusal_of("flip(a, axis=0)", {image}), HasSubstr("no axis 0 besides the batch"));
}

TEST(Flip, TurnsEachRowByItself) {
  std::vector<double> rows;
  for (int i = 0; i < 1000; ++i) rows.insert(rows.end(), {1, 2});
  const auto turned = values_of("flip(a, axis=1, probability=0.3)", {{{1000, 2}, rows}});
  double count = 0;
  for (std::size_t i = 0; i < turned.size(); i += 2) {
    EXPECT_EQ(turned[i] + turned[i + 1], 3);
    count += turned[i] == 2;
  }
  EXPECT_NEAR(count, 300, 60);
}

TEST(Sign, IsThatOfEachElement) { EXPECT_THAT(values_of("sign(a)", {{{3}, {-2, 0, 5}}}), ElementsAre(-1, 0, 1)); }

TEST(Clip, KeepsBetweenBounds) {
  const HostTensor x{{2, 2}, {-3, 0.5, 1, 7}};
  EXPECT_THAT(values_of("clip(a, -1, 1)", {x}), ElementsAre(-1, 0.5, 1, 1));
  EXPECT_THAT(values_of("clip(a, b, high=2)", {x, {{2}, {0, -1}}}), ElementsAre(0, 0.5, 1, 2));
  EXPECT_THAT(values_of("gradient(clip(a, -1, 1), a)", {x}), ElementsAre(0, 1, 1, 0)) << "the bounds are within";
  EXPECT_THAT(values_of("gradient(clip(a, b, 2), b)", {x, {{2}, {0, -1}}}), ElementsAre(1, 0));
  EXPECT_TRUE(std::isnan(values_of("clip(a, 0, 1)", {{{1}, {std::nan("")}}}).front()));
  EXPECT_THAT(refusal_of("clip(a, 2, 1)", {x}), HasSubstr("'low' must not be greater than 'high'"));
}

TEST(Pack, PutsRowsSideBySide) {
  const HostTensor rows{{4, 1, 2}, {0, 1, 10, 11, 20, 21, 30, 31}};
  EXPECT_EQ(value_of("pack(a, 2)", {rows}).shape, (Shape{2, 1, 4}));
  EXPECT_THAT(values_of("pack(a, 2)", {rows}), ElementsAre(0, 1, 10, 11, 20, 21, 30, 31));
  const HostTensor images{{2, 2, 1, 2}, {0, 1, 2, 3, 10, 11, 12, 13}};
  EXPECT_EQ(value_of("pack(a, 2)", {images}).shape, (Shape{1, 2, 1, 4}));
  EXPECT_THAT(values_of("pack(a, 2)", {images}), ElementsAre(0, 1, 10, 11, 2, 3, 12, 13));
  EXPECT_EQ(value_of("pack(a, 3)", {{{6}, std::vector<double>(6)}}).shape, (Shape{2, 3}));
  EXPECT_THAT(refusal_of("pack(a, 3)", {rows}), HasSubstr("4 rows cannot be put together by 3"));
}

// As `minibatch + 0.5 * minibatch.std() * np.random.random(minibatch.shape)`.
TEST(Perturb, AddsNoiseInOneDirection) {
  const HostTensor x = random_tensor({200, 100}, 1, -3, 5);
  const double deviation = moments_of(x.values).deviation;
  const auto moved = values_of("perturb(a)", {x});
  std::vector<double> noise;
  for (std::size_t i = 0; i < moved.size(); ++i) noise.push_back((moved[i] - x.values[i]) / deviation);
  const Moments moments = moments_of(noise);
  EXPECT_NEAR(moments.mean, 0.25, 0.01);
  EXPECT_NEAR(moments.deviation, 0.5 / std::sqrt(12.0), 0.01);
  EXPECT_GE(*std::min_element(noise.begin(), noise.end()), 0);
  EXPECT_LT(*std::max_element(noise.begin(), noise.end()), 0.5);
  EXPECT_EQ(values_of("perturb(a, scale=0)", {x}), x.values);
  EXPECT_THAT(values_of("gradient(perturb(a), a)", {x}), Each(1)) << "the deviation is a constant";
}

TEST(Normal, IsTruncatedByTheInverseOfItsDistribution) {
  const auto bits = random_bits(stream_key(1, 0, "normal"), {}, 0);
  for (const double bound : {0.01, 0.5, 2.0, 4.0}) {
    const auto drawn = values_of(fmt::format("normal(1, truncation={})", bound));
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const double share = (2 * uniform_double(bits[i]) - 1) * std::erf(bound / std::sqrt(2));
      EXPECT_NEAR(std::erf(drawn[i] / std::sqrt(2)), share, 1e-14) << bound;
    }
  }
}

TEST(Normal, TruncatedHasTheMomentsOfItsDistribution) {
  // Of a normal number within ±1.5: variance 1 − 2·1.5·φ(1.5)/(2·Φ(1.5) − 1).
  const double density = std::exp(-1.125) / std::sqrt(2 * std::numbers::pi);
  const double deviation = std::sqrt(1 - 3 * density / std::erf(1.5 / std::sqrt(2)));
  const auto drawn = values_of("normal(100, mean=3, deviation=2, truncation=1.5, batch=1000)");
  const Moments moments = moments_of(drawn);
  EXPECT_NEAR(moments.mean, 3, 0.02);
  EXPECT_NEAR(moments.deviation, 2 * deviation, 0.01);
  EXPECT_GE(*std::min_element(drawn.begin(), drawn.end()), 0);
  EXPECT_LE(*std::max_element(drawn.begin(), drawn.end()), 6);
  EXPECT_NEAR(*std::max_element(drawn.begin(), drawn.end()), 6, 0.001);
  for (const double wide : values_of("normal(100, truncation=40, batch=100)")) EXPECT_LT(std::abs(wide), 5.4);
  EXPECT_THAT(refusal_of("normal(3, truncation=0)"), HasSubstr("truncation"));
}

TEST(Values, SayWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal_of("uniform(3, low=1, high=1)"), HasSubstr("'low' must be less than 'high'"));
  EXPECT_THAT(refusal_of("normal()"), HasSubstr("'shape' is missing"));
  EXPECT_THAT(refusal_of("normal(3, redraw=never)"), HasSubstr("one of: step, turn"));
  EXPECT_THAT(refusal_of("categorical(3, probabilities=[0.5, 0.5])"), HasSubstr("2 probabilities for 3 classes"));
  EXPECT_THAT(refusal_of("categorical(2, probabilities=[0.5, 0.4])"), HasSubstr("add up to 1"));
  EXPECT_THAT(refusal_of("square(1, 2)"), HasSubstr("takes at most 1"));
}

// A new value function must be added to this list together with a test of its values, here, in rows_test.cpp, in
// remembering_test.cpp or in images_test.cpp.
TEST(Values, AreAllTestedHere) {
  EXPECT_THAT(
      registry().values.kinds(),
      ElementsAre("abs", "adaptive", "blur", "categorical", "clip", "concat", "diff_augment", "downsample",
                  "each_class", "edges", "exp", "flip", "gradient", "greyscale", "interpolate", "log", "maximum",
                  "mean", "minimum", "mix_styles", "noise", "norm", "normal", "one_hot", "pack", "perturb", "previous",
                  "ramp", "repeat_rows", "replay", "reshape", "select", "sigmoid", "sign", "softplus", "sqrt", "square",
                  "stop_gradient", "styles", "sum", "tanh", "uniform", "upsample", "walk"));
}

}  // namespace
}  // namespace duel
