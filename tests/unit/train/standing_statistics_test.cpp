// Standing statistics: what is measured, that training goes on as if nothing had been, and where they are refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/check.hpp"
#include "spec/read.hpp"
#include "tests/support/refusal.hpp"
#include "tests/unit/train/plugin_registry.hpp"
#include "train/evaluation.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

// A generator of 10 + 3·noise, normalised by a batch's statistics: mean 0, variance 1 in training. Its running
// statistics have seen few steps, so they are nearly where they started: mean 0, variance 1 of what is 10 ± 3.
std::shared_ptr<const Experiment> normalising(const std::string& sample, const std::string& evaluate = "") {
  const std::string yaml = fmt::format(
      "seed: 5\n"
      "data: {{train: {{gaussian: {{mean: 0, deviation: 1}}}}, batch: 100}}\n"
      "networks: {{g: {{inputs: {{x: [1]}}, layers: [batch_norm]}}}}\n"
      "values: {{fake: 'g(10 + 3 * normal(1))'}}\n"
      "players: {{one: {{updates: g, optimizer: {{sgd: {{lr: 0}}}}, loss: {{expression: 'square(fake - 1)'}}}}}}\n"
      "train: {{steps: 4}}\n"
      "sample: {{value: fake, count: 2000, {}}}\n{}",
      sample, evaluate);
  Problems problems;
  auto out =
      std::make_shared<Experiment>(read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems));
  problems.throw_if_any();
  return out;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments_of_sample(const std::shared_ptr<const Experiment>& experiment, int threads = 1) {
  Session session(experiment, {threads, std::nullopt});
  session.advance();
  const std::vector<double> values = session.sample(experiment->samples.front()).samples.values;
  Moments out;
  for (const double value : values) out.mean += value / 2000;
  for (const double value : values) out.deviation += (value - out.mean) * (value - out.mean) / 2000;
  out.deviation = std::sqrt(out.deviation);
  return out;
}

TEST(StandingStatistics, AreThoseOfTheWeightsAsTheyAre) {
  const Moments running = moments_of_sample(normalising("mode: inference"));
  EXPECT_GT(running.mean, 5);  // nothing normalised: the running mean is 0.1
  const Moments standing = moments_of_sample(normalising("standing_statistics: 200"));
  EXPECT_NEAR(standing.mean, 0, 0.08);  // 2,000 normal numbers and statistics of 20,000
  EXPECT_NEAR(standing.deviation, 1, 0.06);
}

// Each pass counts the same: of n passes the first has not lost its weight. With two passes the running mean is the
// mean of two batches' means, so the variance over seeds would be halved; here it is seen that more passes come nearer.
TEST(StandingStatistics, ComeNearerWithMorePasses) {
  const auto error = [](const std::string& passes) {
    return std::abs(moments_of_sample(normalising("standing_statistics: " + passes)).mean -
                    moments_of_sample(normalising("standing_statistics: 5000")).mean);
  };
  EXPECT_LT(error("2000"), error("1"));
  EXPECT_LT(error("2000"), 0.01);
}

TEST(StandingStatistics, AreTheSameOnAnyNumberOfThreads) {
  const auto experiment = normalising("standing_statistics: 20");
  EXPECT_EQ(moments_of_sample(experiment, 1).mean, moments_of_sample(experiment, 3).mean);
}

TEST(StandingStatistics, ChangeNothingOfTheTraining) {
  const auto experiment = normalising("standing_statistics: 20",
                                      "evaluate: {fake: 'concat(fake, fake)', real: data.point, count: 50, standing_statistics: 10, "
                                      "metrics: [fid]}\n");
  Session plain(experiment, {1, std::nullopt}), looked_at(experiment, {1, std::nullopt});
  Evaluation evaluation(looked_at, experiment->evaluations.front(), plugin_registry(), nullptr);
  for (int step = 0; step < 3; ++step) {
    plain.advance();
    looked_at.advance();
    looked_at.sample(experiment->samples.front());
    evaluation.run();
  }
  EXPECT_EQ(plain.weights_hash(), looked_at.weights_hash());
}

TEST(StandingStatistics, AreUsedAndToldByEvaluations) {
  const auto fid_with = [](const std::string& passes) {
    const auto experiment = normalising("mode: inference",
                                        "evaluate: {fake: 'concat(fake, fake)', real: data.point, count: 1000, "
                                        "standing_statistics: " +
                                            passes + ", metrics: [fid]}\n");
    Session session(experiment, {1, std::nullopt});
    session.advance();
    return Evaluation(session, experiment->evaluations.front(), plugin_registry(), nullptr).run().front();
  };
  const EvaluationRecord running = fid_with("0"), standing = fid_with("50");
  EXPECT_GT(running.value, 50);
  EXPECT_LT(standing.value, 2);
  EXPECT_EQ(standing.protocol.parameters.at("standing_statistics"), "50");
  EXPECT_FALSE(running.protocol.parameters.contains("standing_statistics"));
  EXPECT_THAT(differences(running, standing), testing::Contains(HasSubstr("standing_statistics")));
}

TEST(StandingStatistics, NeedRunningOnes) {
  EXPECT_THAT(refusal_of([] { normalising("mode: train, standing_statistics: 3"); }, ExitCode::experiment),
              HasSubstr("for mode: inference"));
  const auto experiment = normalising("standing_statistics: 3");
  Session session(experiment, {1, std::nullopt});
  SampleSpec spec = experiment->samples.front();
  spec.name = "noise";
  spec.value = read_asked_expression("normal(1)", "test", *experiment, plugin_registry());
  EXPECT_THAT(refusal_of([&] { session.sample(spec); }, ExitCode::experiment), HasSubstr("no running statistics"));
}

}  // namespace
}  // namespace duel
