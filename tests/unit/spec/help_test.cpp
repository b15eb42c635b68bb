// What `duel help` says of sections.
#include <gmock/gmock.h>

#include "spec/read.hpp"

namespace duel {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SectionHelp, ComesFromTheDeclarations) {
  const std::string train = section_help("train").value_or("");
  EXPECT_THAT(train, StartsWith("train (section)\n  how long, and whose turn it is\n"));
  EXPECT_THAT(train, HasSubstr("log_every              steps between records of losses and metrics\n"));
  EXPECT_THAT(train, HasSubstr("integer ≥ 1; default 1\n"));
  EXPECT_THAT(section_help("sample").value_or(""), HasSubstr("a map, or a list of maps, of\n"));
  EXPECT_THAT(section_help("players").value_or(""), HasSubstr("updates"));
  EXPECT_THAT(section_help("train.early_stop").value_or(""), HasSubstr("patience"));
}

TEST(SectionHelp, IsThereForEverySection) {
  for (const std::string& name : section_names()) EXPECT_TRUE(section_help(name).has_value()) << name;
  EXPECT_THAT(section_names(), Contains("values"));
  EXPECT_THAT(section_names(), Contains("networks.weights"));
  EXPECT_EQ(section_help("trian"), std::nullopt);
  EXPECT_THAT(sections_help(), HasSubstr("  checkpoint             when to save\n"));
}

}  // namespace
}  // namespace duel
