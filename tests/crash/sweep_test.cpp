// Sweeps of which everything is killed at random, the launcher and its workers or one of them: each trial ends exactly
// once, and as in the sweep left alone.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "base/file.hpp"
#include "base/text.hpp"
#include "store/journal.hpp"
#include "tests/crash/ring_run.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What a trial is and came to; how long it took left out.
using Ends = std::map<int64_t, std::vector<json>>;

class SweptRing : public testing::Test {
 protected:
  void use(const std::vector<std::string>& overrides) { overrides_ = overrides; }

  std::vector<std::string> arguments(const std::string& sweep) const {
    std::vector<std::string> out{"sweep", "swept.yaml", "--out", sweep, "--threads", "1", "--quiet"};
    out.insert(out.begin() + 2, overrides_.begin(), overrides_.end());
    return out;
  }
  Ends ends(const std::string& sweep) const {
    Ends out;
    std::map<int64_t, json> points;
    for (json& record : JournalReader(runs_.path(sweep) / "journal").read()) {
      const std::string op = record.at("op");
      if (op == "claim") points[record.at("trial")] = record.at("point");
      if (op != "end" || record.at("state") == "waiting") continue;
      record.erase("seconds");
      record["point"] = points.at(record.at("trial"));
      out[record.at("trial")].push_back(record);
    }
    return out;
  }
  // The processes that hold locks of agents.
  std::vector<pid_t> agents(const std::string& sweep) const {
    std::vector<pid_t> out;
    if (!fs::exists(runs_.path(sweep) / "agents")) return out;
    for (const auto& entry : fs::directory_iterator(runs_.path(sweep) / "agents")) {
      if (!is_locked(entry.path())) continue;
      if (const auto process = parse_integer(read_text(entry.path()))) out.push_back(static_cast<pid_t>(*process));
    }
    return out;
  }

  // A run whose process the launcher sees die three times without a new checkpoint has failed. So that none does, a
  // worker is killed alone only while no run has two such deaths.
  bool bears_another_death(const std::string& sweep) const {
    std::map<std::pair<int64_t, int64_t>, int> seen;
    if (!fs::exists(runs_.path(sweep) / "journal")) return true;
    for (const json& record : JournalReader(runs_.path(sweep) / "journal").read()) {
      if (record.at("op") != "died" || !record.at("seen").get<bool>()) continue;
      if (++seen[{record.at("trial"), record.at("seed_index")}] == 2) return false;
    }
    return true;
  }

  // Kills until so many kills have been; the launcher is started again after its own.
  int kill_until_done(const std::string& sweep, int kills, double seconds, std::mt19937& random) const {
    std::uniform_real_distribution<double> moment(0.05, seconds);
    int done = 0;
    for (;;) {
      Program launcher(arguments(sweep), runs_.folder());
      while (done < kills && !launcher.ends_within(moment(random))) {
        const std::vector<pid_t> workers = agents(sweep);
        const bool one_worker = random() % 3 == 0 && !workers.empty() && bears_another_death(sweep);
        if (one_worker) {
          kill(workers[random() % workers.size()], SIGKILL);
        } else {
          launcher.send(SIGKILL);  // first, so that it sees none of the others die
          for (const pid_t worker : workers) kill(worker, SIGKILL);
        }
        ++done;
        if (one_worker) continue;
        EXPECT_EQ(launcher.wait().code, -SIGKILL);
        break;
      }
      const ProgramEnd end = launcher.wait();
      if (end.code == -SIGKILL) continue;
      EXPECT_EQ(end.code, 0) << end.errors;
      return done;
    }
  }

  RingRuns runs_{"swept.yaml"};

 private:
  std::vector<std::string> overrides_;
};

TEST_F(SweptRing, KilledTenTimesEndsEachTrialOnceAndLikeTheOneLeftAlone) {
  const auto began = std::chrono::steady_clock::now();
  const ProgramEnd end = run_program(arguments("reference"), runs_.folder());
  ASSERT_EQ(end.code, 0) << end.errors;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  const Ends reference = ends("reference");
  ASSERT_EQ(reference.size(), 40U);

  const auto seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  const int kills = std::getenv("DUEL_TEST_LONG") != nullptr ? 40 : 10;
  EXPECT_EQ(kill_until_done("killed", kills, std::min(1.0, seconds.count() / kills), random), kills);
  const Ends killed = ends("killed");
  for (const auto& [trial, records] : killed) EXPECT_EQ(records.size(), 1U) << "trial " << trial << " ended twice";
  EXPECT_EQ(killed, reference);
}

// With one worker, which compares each trial with the same others, whatever is killed. What is ended early is there,
// and not all.
class EarlyEnds : public SweptRing, public testing::WithParamInterface<const char*> {
 protected:
  static std::vector<std::string> states_of(const Ends& ends) {
    std::vector<std::string> states;
    for (const auto& [trial, records] : ends) states.push_back(records.front().at("state"));
    return states;
  }
};

TEST_P(EarlyEnds, AreTheSameInASweepThatIsKilled) {
  use({fmt::format("early_terminate={}", GetParam()), "parallel=1", "run_cap=20"});
  const auto began = std::chrono::steady_clock::now();
  const ProgramEnd end = run_program(arguments("reference"), runs_.folder());
  ASSERT_EQ(end.code, 0) << end.errors;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  const Ends reference = ends("reference");
  ASSERT_EQ(reference.size(), 20U);
  EXPECT_THAT(states_of(reference), testing::AllOf(testing::Contains("pruned"), testing::Contains("complete")));

  const auto seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  EXPECT_EQ(kill_until_done("killed", 8, std::min(1.0, seconds.count() / 8), random), 8);
  const Ends killed = ends("killed");
  for (const auto& [trial, records] : killed) EXPECT_EQ(records.size(), 1U) << "trial " << trial << " ended twice";
  EXPECT_EQ(killed, reference);
}

// Which trials are compared depends on which are done first.
TEST_P(EarlyEnds, ComeOnceToEachTrialOfSeveralWorkers) {
  use({fmt::format("early_terminate={}", GetParam()), "parallel=3", "run_cap=20"});
  const auto seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  EXPECT_EQ(kill_until_done("killed", 8, 0.5, random), 8);
  const Ends killed = ends("killed");
  ASSERT_EQ(killed.size(), 20U);
  for (const auto& [trial, records] : killed) EXPECT_EQ(records.size(), 1U) << "trial " << trial << " ended twice";
  EXPECT_THAT(states_of(killed), testing::Each(testing::AnyOf("pruned", "complete")));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EarlyEnds,
                         testing::Values("{type: hyperband, resource: step, min_iter: 10, eta: 2, brackets: 1}",
                                         "{type: median, resource: step, min_iter: 10, interval: 10, min_trials: 3}"),
                         [](const auto& test) {
                           return std::string(test.param).find("median") == std::string::npos ? "Hyperband" : "Median";
                         });

// A grid with seeds; the tables of both are one.
TEST_F(SweptRing, OfAGridIsTheSameOnOneWorkerAndOnThree) {
  use({"method=grid"});
  for (const char* sweep : {"one", "three"}) {
    auto words = arguments(sweep);
    words.insert(words.end(), {"parameters={data.batch: {values: [8, 16, 32]}}", "seeds=[1, 2]", "--parallel",
                               std::string(sweep) == "one" ? "1" : "3"});
    const ProgramEnd end = run_program(words, runs_.folder());
    ASSERT_EQ(end.code, 0) << end.errors;
  }
  Ends one = ends("one"), three = ends("three");
  for (Ends* both : {&one, &three}) {
    EXPECT_EQ(both->size(), 3U);
    for (auto& [trial, records] : *both)
      std::ranges::sort(records, {}, [](const json& r) { return r.at("seed_index").get<int>(); });
  }
  EXPECT_EQ(one, three);
}

TEST_F(SweptRing, KilledWithItsLastTrialBegunIsFinishedByTheNext) {
  use({"run_cap=1"});
  Program launcher(arguments("last"), runs_.folder());
  while (agents("last").empty() && !launcher.ends_within(0.001)) {
  }
  while (!fs::exists(runs_.path("last") / "trials/0000") && !launcher.ends_within(0.001)) {
  }
  for (const pid_t worker : agents("last")) kill(worker, SIGKILL);
  launcher.send(SIGKILL);
  launcher.wait();
  const ProgramEnd end = run_program(arguments("last"), runs_.folder());
  EXPECT_EQ(end.code, 0) << end.errors;
  const Ends last = ends("last");
  ASSERT_EQ(last.size(), 1U) << "nobody took it up";
  EXPECT_EQ(last.begin()->second.size(), 1U);
}

TEST_F(SweptRing, InterruptedSavesItsRunsAndGoesOnWithThem) {
  Program launcher(arguments("stopped"), runs_.folder());
  while (agents("stopped").empty() && !launcher.ends_within(0.01)) {
  }
  EXPECT_FALSE(launcher.ends_within(0.3));
  launcher.send(SIGINT);
  EXPECT_EQ(launcher.wait().code, 128 + SIGINT);
  EXPECT_TRUE(agents("stopped").empty()) << "workers outlive their launcher";
  EXPECT_EQ(run_program({"sweep", "stopped", "--threads", "1", "--quiet"}, runs_.folder()).code, 0);
  EXPECT_EQ(ends("stopped").size(), 40U);
}

}  // namespace
}  // namespace duel
