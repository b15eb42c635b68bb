#include "yaml/leaves.hpp"

#include <gmock/gmock.h>

#include "yaml/compose.hpp"

namespace duel {
namespace {

std::vector<std::string> described(const std::vector<YamlLeaf>& leaves) {
  std::vector<std::string> lines;
  for (const YamlLeaf& leaf : leaves)
    lines.push_back(fmt::format("{}={} {}", leaf.key, leaf.value, to_string(leaf.where)));
  return lines;
}

TEST(Leaves, AreScalarsNullsEmptyCollectionsAndListsOfScalars) {
  const YamlNode root = parse_yaml("a: 1\nb:\n  c: [0.5, 0.9]\n  d: {}\n  e:\nf: [dense: 3, relu]\ng: []\n", "x");
  EXPECT_THAT(described(leaves_of(root)),
              testing::ElementsAre("a=1 x:1:4", "b.c=[0.5, 0.9] x:3:6", "b.d={} x:4:6", testing::StartsWith("b.e=null"),
                                   "f[0].dense=3 x:6:12", "f[1]=relu x:6:15", "g=[] x:7:4"));
}

TEST(Leaves, OfAListInWhichAnOverrideSetsAnItemNameTheOverride) {
  const std::vector<std::string> overrides{"betas[1]=0.5"};
  const Document document = load_document_text("betas: [0.5, 0.9]\n", "x", overrides);
  EXPECT_THAT(described(leaves_of(document.root)), testing::ElementsAre("betas=[0.5, 0.5] override 'betas[1]=0.5'"));
}

}  // namespace
}  // namespace duel
