// `duel bench` as a user calls it: what it promises of every step, and that its report holds what programs read.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/program/program_path.hpp"

namespace duel {
namespace {

using nlohmann::json;

struct Finished {
  int code = 0;
  std::string output;
};

Finished run_bench(const std::string& arguments) {
  const std::string command = program_path().string() + " bench " DUEL_SOURCE_DIR "/experiments/" + arguments;
  Finished finished;
  FILE* pipe = popen(command.c_str(), "r");
  char piece[4096];
  while (const std::size_t count = std::fread(piece, 1, sizeof piece, pipe)) finished.output.append(piece, count);
  const int status = pclose(pipe);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}

json measured(const std::string& arguments) {
  const Finished finished = run_bench(arguments + " --json");
  EXPECT_EQ(finished.code, 0) << finished.output;
  return json::parse(finished.output);
}

TEST(Bench, StepsTakeNothingFromTheHeapAndGiveTheSameBitsOnAnyThreads) {
  const json one = measured("points/gaussian.yaml --steps 30 --threads 1");
  const json three = measured("points/gaussian.yaml --steps 30 --threads 3");
  EXPECT_EQ(one.at("threads"), 1);
  EXPECT_EQ(three.at("threads"), 3);
  EXPECT_EQ(one.at("step_hash"), three.at("step_hash"));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  EXPECT_TRUE(one.at("allocations_per_step").is_null());
#else
  EXPECT_EQ(one.at("allocations_per_step"), 0);
  EXPECT_EQ(three.at("allocations_per_step"), 0);
#endif
}

TEST(Bench, ReportsNumbersThatFitEachOther) {
  const json report = measured("points/gaussian.yaml data.batch=16 --steps 7");
  EXPECT_EQ(report.at("steps"), 7);
  const double ms = report.at("ms_per_step");
  EXPECT_GT(ms, 0);
  EXPECT_LE(report.at("quartiles_ms").at(0), ms);
  EXPECT_GE(report.at("quartiles_ms").at(2), ms);
  EXPECT_DOUBLE_EQ(report.at("images_per_s"), 16 * 1e3 / ms);
  double best_sgemm = 0;
  for (const auto& [library, gflops] : report.at("sgemm_gflops").items())
    best_sgemm = std::max<double>(best_sgemm, gflops);
  EXPECT_GT(best_sgemm, 0);
  EXPECT_DOUBLE_EQ(report.at("share_of_sgemm"), report.at("gflops").get<double>() / best_sgemm);
  EXPECT_GT(report.at("peak_bytes"), 0);
  EXPECT_GT(report.at("rss_bytes"), report.at("peak_bytes"));
  EXPECT_GT(report.at("first_step_s"), 0);
  EXPECT_LT(report.at("first_step_s"), 60);
  EXPECT_GE(report.at("data_wait_share"), 0);
  EXPECT_LE(report.at("data_wait_share"), 1);
}

// Products of the three dense layers, forwards and backwards: what the plan counts must be these and little else.
TEST(Bench, CountsTheArithmeticOfAStep) {
  const json report = measured("points/gaussian.yaml --steps 5");
  const double batch = 64;
  const double generator = 2 * batch * (100 * 128 + 128 * 256 + 256 * 512 + 512 * 2);
  const double generator_first = 2 * batch * 100 * 128;
  const double discriminator = 2 * batch * (2 * 512 + 512 * 256 + 256 * 1);
  const double discriminator_first = 2 * batch * 2 * 512;
  // Generator: forwards, its weights, its inputs but the first. Discriminator: forwards twice, its weights twice, its
  // inputs twice but the first, and once more for the generator's gradient.
  const double least = 3 * generator - generator_first + 7 * discriminator - 2 * discriminator_first;
  const double counted = report.at("gflops").get<double>() * 1e6 * report.at("ms_per_step").get<double>();
  EXPECT_GT(counted, least);
  EXPECT_LT(counted, 1.2 * least);
}

// The kernels of the profile are those of the plan: together they do the arithmetic that the step counts.
TEST(Bench, ProfilesTheKernelsOfAStep) {
  const json report = measured("points/gaussian.yaml --steps 5 --profile");
  double flops = 0;
  double last = std::numeric_limits<double>::infinity();
  for (const json& kernel : report.at("profile")) {
    const double ms = kernel.at("ms");
    EXPECT_GT(kernel.at("calls"), 0);
    EXPECT_GE(ms, 0);
    EXPECT_LE(ms, last) << "the longest come first";
    last = ms;
    flops += 1e6 * ms * kernel.at("gflops").get<double>();
  }
  const double step = 1e6 * report.at("gflops").get<double>() * report.at("ms_per_step").get<double>();
  EXPECT_NEAR(flops / step, 1, 1e-6);
  EXPECT_FALSE(measured("points/gaussian.yaml --steps 5").contains("profile"));
}

// What the plan announces is what the training takes, besides what the program's and the libraries' own structures take
// whatever the batch.
TEST(Bench, TheStepTakesTheMemoryThatItsPlanSays) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  constexpr double own_structures = 16 << 20;
  const json report = measured("digits/dcgan.yaml --steps 1 --threads 2");
  const double planned = report.at("peak_bytes");
  EXPECT_GT(report.at("training_bytes"), planned);
  EXPECT_LT(report.at("training_bytes"), 1.1 * planned + own_structures);
}

TEST(Bench, PrintsATableAndRefusesNonsense) {
  const Finished table = run_bench("points/gaussian.yaml --steps 3");
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.output, testing::HasSubstr("points-gaussian: 3 steps after 20"));
  EXPECT_THAT(table.output, testing::HasSubstr("of sgemm"));
  EXPECT_EQ(run_bench("points/gaussian.yaml --steps 0 2>&1").code, 2);
  EXPECT_EQ(run_bench("points/gaussian.yaml data.bach=16 2>&1").code, 2);
  EXPECT_EQ(run_bench("points/absent.yaml 2>&1").code, 2);
}

}  // namespace
}  // namespace duel
