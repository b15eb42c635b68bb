#include "tools/train/live_line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace duel {
namespace {

const std::vector<std::string> metrics{"d.loss 0.693", "g.loss 0.71", "größe 3"};

TEST(LiveLine, HasAllWhereThereIsRoom) {
  const std::string whole = "step 7/100  d.loss 0.693  g.loss 0.71  größe 3  512 images/s  4 s left";
  EXPECT_EQ(live_line("step 7/100", metrics, "512 images/s  4 s left", 200), whole);
  EXPECT_EQ(live_line("step 7/100", metrics, "512 images/s  4 s left", 70), whole) << "ö and ß are one character each";
}

TEST(LiveLine, LeavesOutMetricsFirst) {
  const auto line = [](std::size_t width) { return live_line("step 7/100", metrics, "512 images/s  4 s left", width); };
  EXPECT_EQ(line(69), "step 7/100  d.loss 0.693  g.loss 0.71  …  512 images/s  4 s left");
  EXPECT_EQ(line(52), "step 7/100  d.loss 0.693  …  512 images/s  4 s left");
  EXPECT_EQ(line(40), "step 7/100  …  512 images/s  4 s left");
}

TEST(LiveLine, EndsAtTheWidth) {
  EXPECT_EQ(live_line("größe", metrics, "512 images/s", 4), "größ");
  EXPECT_EQ(live_line("step 7/100", {}, "512 images/s", 15), "step 7/100  512");
}

}  // namespace
}  // namespace duel
