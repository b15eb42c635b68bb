// Functions that keep something from step to step. How the model keeps it: unit/model/value_state_test.cpp.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/unit/plugins_values/function_harness.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

HostTensor number(double value) { return {{}, {value}}; }

TEST(Previous, IsTheValueOfTheStepBefore) {
  Stepped previous("previous(a, initial=5)");
  EXPECT_THAT(previous.step({{{1, 1}, {7}}}).values, ElementsAre(5));
  EXPECT_THAT(previous.step({{{1, 1}, {8}}}).values, ElementsAre(7));
  EXPECT_THAT(previous.step({{{1, 1}, {9}}}).values, ElementsAre(8));
}

// Up by 4/40 while the signal is above 0.6, down while it is below, never beyond 0 and 1.
TEST(Adaptive, FollowsTheSignal) {
  Stepped adaptive("adaptive(mean(a), images=40)");
  const HostTensor above{{4, 1}, {1, 1, 1, 0}};
  const HostTensor below{{4, 1}, {1, 1, 0, 0}};
  std::vector<double> seen;
  for (int step = 0; step < 15; ++step) seen.push_back(adaptive.step({step < 3 ? below : above}).values[0]);
  for (int step = 0; step < 15; ++step) {
    EXPECT_NEAR(seen[static_cast<std::size_t>(step)], std::clamp(0.1 * (step - 3), 0.0, 1.0), 1e-12) << step;
  }
  EXPECT_NEAR(adaptive.step({below}).values[0], 1, 1e-12);
  EXPECT_NEAR(adaptive.step({below}).values[0], 0.9, 1e-12);
  EXPECT_THAT(refused("adaptive(a, images=0)", {number(1)}), HasSubstr("images"));
}

// Rows that tell when they were made.
HostTensor batch_of_step(int step, int64_t rows) {
  HostTensor batch{{rows, 2}, {}};
  for (int64_t row = 0; row < rows; ++row) {
    const double name = 100 * step + static_cast<double>(row) + 1;
    batch.values.insert(batch.values.end(), {name, -name});
  }
  return batch;
}

std::vector<double> names_of(const HostTensor& rows) {
  std::vector<double> names;
  for (std::size_t i = 0; i < rows.values.size(); i += 2) {
    EXPECT_EQ(rows.values[i + 1], -rows.values[i]) << "rows are moved whole";
    names.push_back(rows.values[i]);
  }
  return names;
}

TEST(Replay, FillsItsStoreAndPassesRowsMeanwhile) {
  Stepped replay("replay(a, 10)");
  for (int step = 0; step < 3; ++step) {
    EXPECT_EQ(names_of(replay.step({batch_of_step(step, 4)})), names_of(batch_of_step(step, 4)));
  }
  EXPECT_THAT(names_of(replay.state("rows")), ElementsAre(1, 2, 3, 4, 101, 102, 103, 104, 201, 202));
  EXPECT_THAT(replay.state("filled").values, ElementsAre(10));
}

TEST(Replay, ExchangesRowsForStoredOnes) {
  Stepped replay("replay(a, 12, probability=0.25)");
  constexpr int64_t rows = 4;
  int exchanged = 0;
  std::vector<double> before;
  std::map<std::size_t, int> places;
  for (int step = 0; step < 1000; ++step) {
    const HostTensor batch = batch_of_step(step, rows);
    const auto made = names_of(batch);
    const auto given = names_of(replay.step({batch}));
    const auto after = names_of(replay.state("rows"));
    if (step >= 3) {
      // What came out and what is stored are what was stored and what came in, each once.
      std::multiset<double> in(made.begin(), made.end());
      in.insert(before.begin(), before.end());
      std::multiset<double> out(given.begin(), given.end());
      out.insert(after.begin(), after.end());
      EXPECT_EQ(in, out);
      for (std::size_t place = 0; place < after.size(); ++place) {
        if (after[place] == before[place]) continue;
        ++places[place];
        const auto row = std::ranges::find(made, after[place]) - made.begin();
        EXPECT_EQ(given.at(static_cast<std::size_t>(row)), before[place]) << "a row comes out where one went in";
      }
      for (std::size_t row = 0; row < made.size(); ++row) exchanged += given[row] != made[row] ? 1 : 0;
    }
    before = after;
  }
  EXPECT_NEAR(exchanged, 997 * rows / 4, 100);
  for (std::size_t place = 0; place < 12; ++place) EXPECT_NEAR(places[place], exchanged / 12, 40) << place;
}

TEST(Replay, OfAllRowsAtOnceExchangesThemAll) {
  Stepped replay("replay(a, 3, probability=1)");
  replay.step({batch_of_step(0, 3)});
  auto first = names_of(replay.step({batch_of_step(1, 3)}));
  std::ranges::sort(first);
  EXPECT_EQ(first, names_of(batch_of_step(0, 3)));
}

TEST(Replay, TrainsNothingThroughStoredRows) {
  Stepped replay("gradient(replay(a, 4), a)");
  EXPECT_EQ(replay.step({batch_of_step(0, 4)}).values, std::vector<double>(8, 1));
  const auto slopes = replay.step({batch_of_step(1, 4)}).values;
  const auto passed = std::accumulate(slopes.begin(), slopes.end(), 0.0) / 2;
  EXPECT_GT(passed, 0);
  EXPECT_LT(passed, 4);
}

TEST(Replay, PassesRowsInSamples) {
  Graph graph(DType::float64);
  TestValueContext context(graph, 4);
  context.set_training(false);
  const Tensor rows(graph, graph.input("rows", {9, 2}));
  context.define("a", rows);
  EXPECT_EQ(evaluate_text(value_registry(), context, "replay(a, 4)").id(), rows.id());
  EXPECT_TRUE(context.starting_states().empty());
}

TEST(Replay, NeedsPlaceForABatch) {
  EXPECT_THAT(refused("replay(a, 3)", {batch_of_step(0, 4)}),
              HasSubstr("replay: a batch has 4 rows, and only 3 are to be stored"));
}

}  // namespace
}  // namespace duel
