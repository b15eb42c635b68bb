#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;

TEST(ToYaml, BlockStyleWithShortListsInline) {
  const std::string text =
      "name: digits\n"
      "shape: [28, 28, 1]\n"
      "layers:\n"
      "  - dense:\n"
      "      units: 128\n"
      "    as: hidden\n"
      "  - batch_norm\n"
      "  - leaky_relu: 0.3\n"
      "empty: {}\n"
      "none: null\n"
      "points:\n"
      "  - [0, 1]\n"
      "  - [2, 3]\n"
      "nested:\n"
      "  - - a: 1\n"
      "    - b: 2\n"
      "quoted: \"1\"\n";
  EXPECT_EQ(to_yaml(parse_yaml(text, "e.yaml")), text);
}

TEST(ToYaml, NamesOrigins) {
  YamlNode root = parse_yaml("a: 1\nb: [1, 2]\nc:\n  d: x\n", "base/e.yaml");
  root.find("c")->find("d")->where = {"override 'c.d=x'", 0, 0};
  EXPECT_EQ(to_yaml(root, true),
            "a: 1  # base/e.yaml:1\n"
            "b: [1, 2]  # base/e.yaml:2\n"
            "c:\n"
            "  d: x  # override 'c.d=x'\n");
  EXPECT_TRUE(same_content(parse_yaml(to_yaml(root, true), "again"), root));
}

TEST(ToYaml, QuotesABareTextThatWouldBeReadOtherwise) {
  for (const char* text :
       {"",  "null", "~",  "a: b", "a #b", "- x", "-",  "[a",  "{a",   "x,y",  "a:",  " a",  "a ",   "&a", "*a", "!a",
        "|", ">",    "'a", "\"a",  "%a",   "@a",  "`a", "? a", "a\nb", "a\tb", "---", "...", "a\\b", "<<", "#a"}) {
    YamlNode list;
    list.kind = YamlNode::Kind::sequence;
    list.items = {YamlNode::scalar(text), YamlNode::scalar("z")};
    const YamlNode read = parse_yaml(to_yaml(list), "e.yaml");
    ASSERT_TRUE(read.is_sequence()) << to_yaml(list);
    ASSERT_EQ(read.items.size(), 2u) << to_yaml(list);
    EXPECT_TRUE(read.items[0].is_scalar()) << to_yaml(list);
    EXPECT_EQ(read.items[0].text, text);
  }
  for (const char* text : {"-1.5", "1e-4", "a:b", "x#y", "mean(d_real > 0)", "../data/é.gz", "-.5", "a - b"}) {
    EXPECT_EQ(to_yaml(YamlNode::scalar(text)), std::string(text) + "\n");
  }
}

// A tree of random kinds and texts. Quoted where the text has characters that a bare text cannot have.
YamlNode random_tree(RandomStream& random, int depth) {
  static const std::vector<std::string> texts{"a", "1e-4", "x: y",  "- a", "é 😀",   "",    "null",
                                              "#", "a\nb", "\"q\"", "\\",  "tab\t", " s ", "[1",
                                              "{", "a, b", "true",  "'s'", "a: ",   "<<"};
  const auto any_text = [&] { return texts[random.below(texts.size())]; };
  YamlNode node;
  const uint64_t kind = random.below(depth > 0 ? 4 : 2);
  if (kind == 1) node = YamlNode::scalar(any_text(), {}, true);
  if (kind == 2) {
    node.kind = YamlNode::Kind::sequence;
    for (uint64_t i = random.below(4); i > 0; --i) node.items.push_back(random_tree(random, depth - 1));
  }
  if (kind == 3) {
    node.kind = YamlNode::Kind::map;
    for (uint64_t i = random.below(4); i > 0; --i) {
      node.entries.push_back({any_text() + std::to_string(i), {}, random_tree(random, depth - 1)});
    }
  }
  return node;
}

TEST(ToYaml, RandomTreesComeBackTheSame) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    RandomStream random(stream_key(seed, 0, "trees"));
    const YamlNode tree = random_tree(random, 4);
    const std::string text = to_yaml(tree);
    ASSERT_TRUE(same_content(parse_yaml(text, "e.yaml"), tree)) << text;
  }
}

TEST(Describe, NamesTheKind) {
  const YamlNode root = parse_yaml("[~, {}, [], abc]", "e.yaml");
  EXPECT_EQ(describe(root.items[0]), "a null");
  EXPECT_EQ(describe(root.items[1]), "a map");
  EXPECT_EQ(describe(root.items[2]), "a list");
  EXPECT_EQ(describe(root.items[3]), "the text 'abc'");
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "é";
  EXPECT_THAT(describe(YamlNode::scalar(long_text)), HasSubstr("éé…'"));
}

}  // namespace
}  // namespace duel
