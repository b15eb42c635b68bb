// A training with every loss that ranks rows, draws, remembers, sees weights or differentiates twice: by the engine.
#include <gtest/gtest.h>

#include "tests/unit/train/plugin_registry.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

const std::string every_loss = R"yaml(
seed: 3
data: {train: {ring: {}}, batch: 32}
networks:
  generator: {inputs: {z: [4], k: [3]}, layers: [concat: {from: [z, k]}, dense: 16, tanh, dense: 2]}
  discriminator:
    inputs: {x: [2]}
    layers:
      - dense: 16
      - leaky_relu: {slope: 0.2, as: body}
      - dense: {units: 3, as: label}
      - dense: {units: 4, from: body, as: code}
      - dense: {units: 1, from: body}
    outputs: [body, label, code]
values:
  real:   data.point
  z:      normal(4)
  k:      categorical(3)
  fake:   "generator(z, one_hot(k, 3))"
  mix:    "interpolate(real, fake)"
  d_real: discriminator(real)
  d_fake: discriminator(fake)
players:
  discriminator:
    updates: discriminator
    optimizer: {adam: {lr: 0.01, clip_weights: 0.5}}
    loss:
      - relativistic: {real: d_real, fake: d_fake, side: discriminator}
      - bce: {logits: d_fake, target: 0, flip: "linear(0.3, 0)"}
      - gradient_penalty: {of: discriminator(mix), wrt: mix, every: 2}
      - r1: {of: d_real, wrt: real}
      - r2: {of: d_fake, wrt: fake}
      - lecam: {real: d_real, fake: d_fake, decay: 0.9}
      - consistency: {of: d_real, augmented: "discriminator(noise(real, 0.1))"}
  generator:
    updates: generator
    optimizer: {adam: {lr: 0.01}}
    loss:
      - non_saturating: {fake: d_fake, side: generator, top: "linear(1, 0.25)"}
      - feature_matching: {real: d_real.body, fake: d_fake.body}
      - info: {prediction: d_fake.label, code: k}
      - info: {prediction: d_fake.code, code: z, distribution: normal}
      - orthogonal: generator
train: {steps: 8, turns: [discriminator, generator]}
)yaml";

std::shared_ptr<const Experiment> experiment() {
  return checked_experiment(load_document_text(every_loss, "every_loss.yaml"), plugin_registry());
}

CheckpointState trained(int threads) {
  Session session(experiment(), {threads, std::nullopt});
  while (session.step() < session.total_steps()) session.advance();
  return session.save();
}

TEST(LossesInTraining, DoNotDependOnTheThreads) {
  const CheckpointState one = trained(1);
  for (const int threads : {2, 3, 8}) EXPECT_TRUE(trained(threads) == one) << threads << " threads";
}

TEST(LossesInTraining, GoOnFromACheckpointAsIfNothingHadBeen) {
  Session first(experiment(), {1, std::nullopt});
  for (int step = 0; step < 3; ++step) first.advance();
  Session second(experiment(), {2, std::nullopt});
  second.load(first.save());
  while (second.step() < second.total_steps()) second.advance();
  EXPECT_TRUE(second.save() == trained(1));
}

}  // namespace
}  // namespace duel
