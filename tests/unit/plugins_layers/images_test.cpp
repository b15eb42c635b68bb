// What layers of images promise beyond PyTorch's vectors (tests/gradient/layers/): closed forms, and wrong shapes.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

#include "tests/unit/plugins_layers/run_layer.hpp"

namespace duel {
namespace {

using testing::Each;
using testing::ElementsAre;

HostTensor counted(const Shape& shape) {
  HostTensor tensor = filled(shape, 0);
  std::iota(tensor.values.begin(), tensor.values.end(), 0.0);
  return tensor;
}

// ── size ───────────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Upsample, NearestRepeatsPixels) {
  const Result result = run_layer("upsample: [2, 1]", {{{1, 1, 2, 2}, {1, 2, 3, 4}}});
  EXPECT_EQ(result.output.shape, (Shape{1, 2, 2, 2}));
  EXPECT_THAT(result.output.values, ElementsAre(1, 2, 3, 4, 1, 2, 3, 4));
}

TEST(Upsample, EveryMethodKeepsAConstant) {
  for (const char* method : {"nearest", "bilinear", "bicubic"}) {
    for (const Preset preset : {Preset::keras, Preset::torch}) {
      const auto values = run_layer(fmt::format("upsample: {{factor: 3, method: {}}}", method),
                                    {filled({1, 1, 3, 1}, 7)}, {.preset = preset})
                              .output.values;
      EXPECT_EQ(values.size(), 27u);
      EXPECT_THAT(values, Each(testing::DoubleNear(7, 1e-12))) << method;
    }
  }
}

TEST(Downsample, UndoesNearestUpsampling) {
  const HostTensor image = counted({2, 3, 2, 2});
  for (const char* method : {"average", "strided"}) {
    const HostTensor large = run_layer("upsample: [2, 3]", {image}).output;
    const HostTensor small =
        run_layer(fmt::format("downsample: {{factor: [2, 3], method: {}}}", method), {large}).output;
    EXPECT_THAT(small.values, testing::Pointwise(testing::DoubleNear(1e-12), image.values)) << method;
  }
}

TEST(Downsample, AntialiasingDimsWhatIsTooFine) {
  HostTensor stripes = filled({1, 1, 16, 1}, 0);  // every second column
  for (std::size_t i = 0; i < 16; i += 2) stripes.values[i] = 1;
  const auto aliased = run_layer("downsample: {factor: [1, 2], method: strided}", {stripes}).output.values;
  EXPECT_THAT(aliased, Each(1));
  for (const char* method : {"average", "bilinear"}) {
    const auto values =
        run_layer(fmt::format("downsample: {{factor: [1, 2], method: {}}}", method), {stripes}).output.values;
    for (std::size_t i = 1; i + 1 < values.size(); ++i) EXPECT_NEAR(values[i], 0.5, 0.01) << method;
  }
}

TEST(Blur, SpreadsAPixelByItsTaps) {
  HostTensor dot = filled({1, 3, 3, 1}, 0);
  dot.values[4] = 16;
  EXPECT_THAT(run_layer("blur", {dot}).output.values, ElementsAre(1, 2, 1, 2, 4, 2, 1, 2, 1));
  for (const char* border : {"repeat", "reflect"}) {
    EXPECT_THAT(run_layer(fmt::format("blur: {{border: {}}}", border), {filled({1, 3, 2, 1}, 5)}).output.values,
                Each(5));
  }
}

// ── pooling ────────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(MaxPool, NeverTakesPadding) {
  const auto values = run_layer("max_pool: {size: 3, stride: 1, padding: same}", {filled({1, 2, 2, 1}, -4)});
  EXPECT_THAT(values.output.values, ElementsAre(-4, -4, -4, -4));
}

TEST(AveragePool, CountsPaddingAsThePresetSays) {
  const HostTensor ones = filled({1, 2, 2, 1}, 1);
  const std::string layer = "average_pool: {size: 2, stride: 1, padding: [1, 0, 0, 0]}";
  EXPECT_THAT(run_layer(layer, {ones}).output.values, ElementsAre(1, 1));
  EXPECT_THAT(run_layer(layer, {ones}, {.preset = Preset::torch}).output.values, ElementsAre(0.5, 1));
}

TEST(GlobalPool, WorksOnSequencesToo) {
  const HostTensor sequence{{1, 3, 2}, {1, 10, 2, 20, 6, 0}};
  EXPECT_THAT(run_layer("global_pool", {sequence}).output.values, ElementsAre(3, 10));
  const HostTensor greatest = run_layer("global_pool: {method: max, keep: true}", {sequence}).output;
  EXPECT_THAT(greatest.values, ElementsAre(6, 20));
  EXPECT_EQ(greatest.shape, (Shape{1, 1, 2}));
}

// ── arrangement ────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(Margins, CropTakesAwayWhatPaddingAdded) {
  const HostTensor image = counted({2, 3, 4, 2});
  for (const char* kind : {"zero_pad", "reflect_pad"}) {
    for (const char* size : {"1", "[2, 0]", "[0, 1, 2, 3]"}) {
      const HostTensor padded = run_layer(fmt::format("{}: {}", kind, size), {image}).output;
      EXPECT_GT(padded.values.size(), image.values.size());
      EXPECT_EQ(run_layer(fmt::format("crop: {}", size), {padded}).output.values, image.values) << kind << size;
    }
  }
}

TEST(PixelShuffle, OrdersBlocksAsThePresetSays) {
  const HostTensor pixel = counted({1, 1, 1, 8});
  EXPECT_THAT(run_layer("pixel_shuffle", {pixel}).output.values, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(run_layer("pixel_shuffle", {pixel}, {.preset = Preset::torch}).output.values,
              ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
}

TEST(PixelShuffle, IsUndone) {
  const HostTensor image = counted({2, 4, 6, 3});
  for (const Preset preset : {Preset::keras, Preset::torch}) {
    const HostTensor packed = run_layer("pixel_unshuffle", {image}, {.preset = preset}).output;
    EXPECT_EQ(packed.shape, (Shape{2, 2, 3, 12}));
    EXPECT_EQ(run_layer("pixel_shuffle", {packed}, {.preset = preset}).output.values, image.values);
  }
}

// ── statistics ─────────────────────────────────────────────────────────────────────────────────────────────────────
TEST(InstanceNorm, HasNoAffinePartByPyTorchsDefaults) {
  const HostTensor image = counted({1, 2, 2, 3});
  EXPECT_EQ(run_layer("instance_norm", {image}).before.size(), 2u);
  EXPECT_TRUE(run_layer("instance_norm", {image}, {.preset = Preset::torch}).before.empty());
}

TEST(SpatialDropout, DropsWholeChannels) {
  const Result result = run_layer("spatial_dropout: 0.25", {filled({100, 3, 2, 4}, 3)});
  int64_t kept = 0;
  for (std::size_t example = 0; example < 100; ++example) {
    for (std::size_t channel = 0; channel < 4; ++channel) {
      std::set<double> seen;
      for (std::size_t pixel = 0; pixel < 6; ++pixel) {
        seen.insert(result.output.values[(example * 6 + pixel) * 4 + channel]);
      }
      ASSERT_EQ(seen.size(), 1u);
      kept += *seen.begin() == 4;
      EXPECT_TRUE(*seen.begin() == 4 || *seen.begin() == 0);
    }
  }
  EXPECT_NEAR(static_cast<double>(kept), 300, 5 * std::sqrt(400 * 0.25 * 0.75));
}

TEST(MinibatchStddev, TellsEqualExamplesFromOthers) {
  const Result equal = run_layer("minibatch_stddev", {filled({4, 2}, 5)});
  EXPECT_EQ(equal.output.shape, (Shape{4, 3}));
  EXPECT_NEAR(equal.output.values[2], 1e-4, 1e-12);  // √1e-8
  const Result apart = run_layer("minibatch_stddev: 2", {{{2, 1}, {-3, 3}}});
  EXPECT_NEAR(apart.output.values[1], 3, 1e-8);
  // Groups of 2 in a batch of 4 are the examples 0, 2 and 1, 3.
  const Result groups = run_layer("minibatch_stddev: 2", {{{4, 1}, {0, 5, 2, 5}}});
  EXPECT_NEAR(groups.output.values[1], 1, 1e-8);
  EXPECT_NEAR(groups.output.values[3], 1e-4, 1e-12);
}

TEST(SelfAttention, StartsAsTheIdentity) {
  const HostTensor image = counted({2, 4, 2, 8});
  EXPECT_EQ(run_layer("self_attention", {image}).output.values, image.values);
}

// ── wrong shapes and parameters ────────────────────────────────────────────────────────────────────────────────────
TEST(ImageLayers, SayWhichShapesDoNotFit) {
  for (const char* layer : {"upsample", "downsample", "blur", "max_pool", "average_pool", "zero_pad: 1",
                            "reflect_pad: 1", "crop: 1", "pixel_shuffle", "pixel_unshuffle", "self_attention"}) {
    refuses(layer, {2, 6}, "takes images [height, width, channels], not [6]");
  }
  refuses("downsample", {1, 4, 3, 1}, "width of [4, 3, 1] is no multiple of 2");
  refuses("blur: {border: reflect}", {1, 1, 4, 1}, "3 taps reach too far");
  refuses("max_pool: 5", {1, 4, 6, 1}, "a window of 5×5 with padding valid has no place in [4, 6, 1]");
  refuses("average_pool: {padding: 2}", {1, 4, 6, 1}, "padding [2, 2, 2, 2]");
  refuses("global_pool", {2, 3}, "[2, 3]");
  refuses("reflect_pad: [0, 3]", {1, 4, 3, 1}, "3 columns leave nothing to reflect of [4, 3, 1]");
  refuses("crop: [2, 2, 0, 0]", {1, 4, 3, 1}, "crop: [2, 2, 0, 0] leaves nothing of [4, 3, 1]");
  refuses("pixel_shuffle", {1, 4, 4, 6}, "6 channels of [4, 4, 6] are no multiple of 4");
  refuses("pixel_unshuffle", {1, 4, 5, 6}, "[4, 5, 6]");
  refuses("instance_norm", {2, 3}, "[2, 3]");
  refuses("group_norm: 4", {1, 2, 2, 6}, "6 channels of [2, 2, 6] cannot be cut into 4 groups");
  refuses("minibatch_stddev", {6, 3}, "a batch of 6 cannot be cut into groups of 4");
  refuses("minibatch_stddev: {features: 2}", {4, 3}, "3 channels of [3]");
  refuses("minibatch_discrimination: 2", {4, 2, 2}, "put a flatten before it");
  refuses("self_attention", {1, 4, 4, 6}, "6 channels are no multiple of 8");
  refuses("self_attention", {1, 3, 4, 8}, "[3, 4, 8] are not even");
}

TEST(ImageLayers, RefuseParametersThatContradict) {
  refuses_to_read("upsample: [2, 2, 2]", "factor takes one number");
  refuses_to_read("blur: [1, -1]", "add up to more than 0");
  refuses_to_read("blur: {stride: [1, 1, 1]}", "stride takes");
  refuses_to_read("max_pool: {stride: [1, 1, 1]}", "stride takes");
  refuses_to_read("crop: [1, 2, 3]", "size has 3 numbers");
}

}  // namespace
}  // namespace duel
