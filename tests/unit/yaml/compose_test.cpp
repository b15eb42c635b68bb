#include "yaml/compose.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <concepts>
#include <cstdlib>
#include <ctime>

#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Overrides = std::vector<std::string>;

template <std::invocable Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::experiment);
    return error.what();
  }
  return "no error";
}

std::string error_of(const std::string& text, const Overrides& overrides = {}) {
  return error_of([&] { load_document_text(text, "e.yaml", overrides); });
}

std::string composed(const std::string& text, const Overrides& overrides = {}) {
  return to_yaml(load_document_text(text, "e.yaml", overrides).root);
}

// A variable of the environment for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

// ---- extends

TEST(Extends, MergesMapsAndReplacesLists) {
  const TemporaryFolder folder;
  folder.write("base/dcgan.yaml", "name: base\nnet: {layers: [a, b], width: 8}\ntrain: {steps: 10}\n");
  const auto file = folder.write("exp.yaml", "extends: base/dcgan.yaml\nname: mine\nnet: {layers: [c]}\n");
  const Document document = load_document(file);
  EXPECT_EQ(to_yaml(document.root), "name: mine\nnet:\n  layers: [c]\n  width: 8\ntrain:\n  steps: 10\n");
  EXPECT_EQ(document.root.find("name")->where, (Position{file.string(), 2, 7}));
  const std::string base = (folder.path() / "base/dcgan.yaml").string();
  EXPECT_EQ(document.root.find("train")->find("steps")->where, (Position{base, 3, 16}));
  EXPECT_EQ(document.files, (std::vector<std::string>{base, file.string()}));
  EXPECT_EQ(document.folder, folder.path());
  EXPECT_EQ(document.text, "extends: base/dcgan.yaml\nname: mine\nnet: {layers: [c]}\n");
}

TEST(Extends, IsRelativeToTheFileThatSaysIt) {
  const TemporaryFolder folder;
  folder.write("a/b/deep.yaml", "x: 1\n");
  folder.write("a/middle.yaml", "extends: b/deep.yaml\ny: 2\n");
  const auto file = folder.write("exp.yaml", "extends: [a/middle.yaml]\nz: 3\n");
  EXPECT_EQ(to_yaml(load_document(file).root), "x: 1\ny: 2\nz: 3\n");
}

TEST(Extends, DeleteMarkClearsWhatIsBeneath) {
  const TemporaryFolder folder;
  folder.write("base.yaml", "optimizer: {adam: {lr: 1}}\nkeep: {a: 1}\n");
  const auto file = folder.write("exp.yaml",
                                 "extends: base.yaml\noptimizer: {_delete_: true, sgd: {lr: 2}}\n"
                                 "keep: {_delete_: false, b: 2}\nnew: {_delete_: true, c: 3}\n");
  EXPECT_EQ(to_yaml(load_document(file).root), "optimizer:\n  sgd:\n    lr: 2\nkeep:\n  a: 1\n  b: 2\nnew:\n  c: 3\n");
  EXPECT_THAT(error_of("a: {_delete_: yes}"), StartsWith("e.yaml:1:15: a: _delete_ is the text 'yes'; true or false"));
}

TEST(Extends, TwoBasesMustAgreeUnlessTheFileDecides) {
  const TemporaryFolder folder;
  folder.write("one.yaml", "train: {steps: 1, seed: 5}\nlist: [1]\n");
  folder.write("two.yaml", "train: {steps: 2, seed: 5}\nlist: [2]\nmore: x\n");
  const auto conflict = folder.write("conflict.yaml", "extends: [one.yaml, two.yaml]\n");
  const std::string error = error_of([&] { load_document(conflict); });
  EXPECT_THAT(error, HasSubstr("two.yaml:1:16: train.steps: differs from " + (folder.path() / "one.yaml").string() +
                               ":1:16, and both are extended; set it in"));
  EXPECT_THAT(error, HasSubstr("two.yaml:2:7: list: differs"));
  EXPECT_THAT(error, Not(HasSubstr("seed")));
  const auto decided = folder.write("decided.yaml", "extends: [one.yaml, two.yaml]\ntrain: {steps: 3}\nlist: [3]\n");
  EXPECT_EQ(to_yaml(load_document(decided).root), "train:\n  steps: 3\n  seed: 5\nlist: [3]\nmore: x\n");
  const auto cleared =
      folder.write("cleared.yaml", "extends: [one.yaml, two.yaml]\ntrain: {_delete_: true, epochs: 1}\nlist:\n");
  EXPECT_EQ(to_yaml(load_document(cleared).root), "train:\n  epochs: 1\nlist: null\nmore: x\n");
}

TEST(Extends, RefusesCyclesWithTheirPath) {
  const TemporaryFolder folder;
  folder.write("a.yaml", "extends: b.yaml\n");
  folder.write("b.yaml", "extends: sub/../a.yaml\n");
  const std::string a = (folder.path() / "a.yaml").string();
  const std::string b = (folder.path() / "b.yaml").string();
  EXPECT_EQ(error_of([&] { load_document(a); }),
            b + ":1:10: extends: files extend each other: " + a + " → " + b + " → " + a + "; break the circle");
}

TEST(Extends, ManyPathsToOneBaseCostNoTime) {
  const TemporaryFolder folder;
  folder.write("f0.yaml", "x: 1\n");
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "f" + std::to_string(i - 1) + ".yaml";
    folder.write("f" + std::to_string(i) + ".yaml", "extends: [" + before + ", " + before + "]\n");
  }
  const Document document = load_document(folder.path() / "f40.yaml");
  EXPECT_EQ(to_yaml(document.root), "x: 1\n");
  EXPECT_EQ(document.files.size(), 41u);
  folder.write("g0.yaml", "x: 1\n");
  for (int i = 1; i <= 120; ++i) {
    folder.write("g" + std::to_string(i) + ".yaml", "extends: g" + std::to_string(i - 1) + ".yaml\n");
  }
  EXPECT_THAT(error_of([&] { load_document(folder.path() / "g120.yaml"); }), HasSubstr("more than 100 files"));
}

TEST(Extends, SaysWhatIsWrongWithABase) {
  const TemporaryFolder folder;
  const auto file = folder.write("exp.yaml", "a: 1\nextends: missing.yaml\n");
  EXPECT_THAT(error_of([&] { load_document(file); }),
              StartsWith(file.string() + ":2:10: extends: '" + (folder.path() / "missing.yaml").string() +
                         "': cannot read: No such file or directory"));
  folder.write("list.yaml", "- a\n");
  EXPECT_THAT(error_of([&] { load_document(folder.write("exp.yaml", "extends: list.yaml\n")); }),
              HasSubstr("list.yaml:1:1: a list instead of a map"));
  EXPECT_THAT(error_of("extends: {a: 1}"), HasSubstr("extends: a map instead of a file"));
  EXPECT_THAT(error_of("extends:"), HasSubstr("extends: a null instead of a file"));
  EXPECT_THAT(error_of("extends: \"${x}.yaml\""), HasSubstr("resolved only after the files are known"));
}

TEST(LoadDocument, RefusesWhatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { load_document(folder.path() / "missing.yaml"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { load_document(folder.path()); }), HasSubstr("Is a directory"));
  const auto huge = folder.write("huge.yaml", "");
  std::filesystem::resize_file(huge, uint64_t{1} << 30);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(error_of([&] { load_document(huge); }), HasSubstr("has 1.00 GiB; at most 1.00 MiB are allowed"));
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 0.5);
  EXPECT_THAT(error_of("- a"), StartsWith("e.yaml:1:1: a list instead of a map"));
  EXPECT_TRUE(load_document_text("", "e.yaml").root.is_map());
}

// ---- overrides

TEST(Override, SetsReplacesAndMakes) {
  const std::string text = "a: {b: {c: 1}}\nlayers: [{dense: {units: 1}}, relu]\n";
  const Document document = load_document_text(
      text, "e.yaml",
      Overrides{"a.b.c=2e-4", "layers.0.dense.units=4", "layers[1]=tanh", "new.deep.key=[1, {x: y}]", "s='7'", "n="});
  EXPECT_EQ(to_yaml(document.root),
            "a:\n  b:\n    c: 2e-4\nlayers:\n  - dense:\n      units: 4\n  - tanh\n"
            "new:\n  deep:\n    key:\n      - 1\n      - x: y\ns: \"7\"\nn: null\n");
  const Position origin{"override 'a.b.c=2e-4'", 0, 0};
  EXPECT_EQ(document.root.find("a")->find("b")->find("c")->where, origin);
  EXPECT_EQ(document.root.find("new")->find("deep")->find("key")->items[1].find_entry("x")->where.file,
            "override 'new.deep.key=[1, {x: y}]'");
  EXPECT_EQ(document.overrides.size(), 6u);
  EXPECT_EQ(composed("a: {b: 1, c: 2}", {"a={d: 3}"}), "a:\n  d: 3\n");
  EXPECT_EQ(composed("a: 1", {"b=x=y"}), "a: 1\nb: x=y\n");
}

TEST(Override, OfOneKeyTakeAwayItsAlternative) {
  const std::vector<AlternativeKeys> alternatives{{"train.steps", "train.epochs"},
                                                  {"train.phases.*.steps", "train.phases.*.epochs"}};
  const auto composed = [&](const std::string& text, const Overrides& overrides = {}) {
    return to_yaml(load_document_text(text, "e.yaml", overrides, alternatives).root);
  };
  EXPECT_EQ(composed("train: {epochs: 5, turns: simultaneous}", {"train.steps=10"}),
            composed("train: {turns: simultaneous, steps: 10}"));
  for (const Overrides& both : {Overrides{"train.steps=10", "~train.epochs"}, {"~train.epochs", "train.steps=10"}}) {
    EXPECT_EQ(composed("train: {epochs: 5}", both), composed("train: {steps: 10}"));
  }
  EXPECT_THAT(error_of("train: {steps: 5}", {"~train.epochs"}), HasSubstr("'train' has no 'epochs'"));
  EXPECT_EQ(composed("train: {steps: 5}", {"train.epochs=2"}), composed("train: {epochs: 2}"));
  EXPECT_EQ(composed("train: {epochs: 5}", {"train.turns=simultaneous"}),
            composed("train: {epochs: 5, turns: simultaneous}"));
  EXPECT_EQ(composed("train: {epochs: 5}", {"train.steps=1", "train.epochs=2"}),
            composed("train: {steps: 1, epochs: 2}"))
      << "two overrides that contradict each other are for the reader to refuse";
  EXPECT_EQ(to_yaml(load_document_text("train: {epochs: 5}", "e.yaml", Overrides{"train.steps=1"}).root),
            composed("train: {epochs: 5, steps: 1}", {}))
      << "a document of which nobody says that these are alternatives";
}

// A pattern holds for each item of a list.
TEST(Override, OfOneKeyTakesAwayItsAlternativeInEachItem) {
  const std::vector<AlternativeKeys> alternatives{{"train.phases.*.steps", "train.phases.*.epochs"}};
  const auto composed_so = [&](const std::string& text, const Overrides& overrides = {}) {
    return to_yaml(load_document_text(text, "e.yaml", overrides, alternatives).root);
  };
  const std::string phases = "train: {phases: [{epochs: 5, turns: simultaneous}, {steps: 2}]}";
  EXPECT_EQ(composed_so(phases, {"train.phases[0].steps=10", "train.phases.1.epochs=3"}),
            composed_so("train: {phases: [{turns: simultaneous, steps: 10}, {epochs: 3}]}"));
  EXPECT_EQ(composed_so("train: {phases: {a: {epochs: 5}}}", {"train.phases.a.steps=1"}),
            composed_so("train: {phases: {a: {epochs: 5, steps: 1}}}"))
      << "a name is no item of a list";
  EXPECT_THAT(error_of(phases, {"train.phases[2].steps=10"}), HasSubstr("train.phases"));
}

TEST(Override, GoOnThroughAKindThatStandsAlone) {
  EXPECT_EQ(composed("data: {train: digits}", {"data.train.digits.count=10"}),
            composed("data: {train: {digits: {count: 10}}}"));
  EXPECT_EQ(composed("layers: [relu, tanh]", {"layers[1].tanh.as=x"}), composed("layers: [relu, {tanh: {as: x}}]"));
  EXPECT_THAT(error_of("data: {train: digits}", {"data.train.moons.count=10"}),
              HasSubstr("'data.train' is the text 'digits' and has no 'moons'"));
  EXPECT_THAT(error_of("data: {train: 'digits'}", {"data.train.digits.count=10"}), HasSubstr("has no 'digits'"));
}

TEST(Override, Deletes) {
  EXPECT_EQ(composed("a: {b: 1, c: 2}\nl: [1, 2, 3]\ns: 1", {"~a.b", "~l.1", "~s"}), "a:\n  c: 2\nl: [1, 3]\n");
}

TEST(Override, ReportsEveryMistakeAtOnce) {
  const std::string text = "train: {steps: 1}\nlist: [1, 2]\nname: x\n";
  const Overrides overrides{"~train.stps", "list.2=3", "name.first=y", "nothing",   "~train=1",
                            "a..b=1",      "=1",       "x=[1",         "extends=b", "y={a: 1, a: 2}"};
  const std::string error = error_of(text, overrides);
  EXPECT_THAT(error, HasSubstr("override '~train.stps': 'train' has no 'stps'; did you mean 'steps'?"));
  EXPECT_THAT(error, HasSubstr("override 'list.2=3': 'list' is a list and has no item '2'; its items are 0 to 1"));
  EXPECT_THAT(error, HasSubstr("override 'name.first=y': 'name' is the text 'x' and has no 'first'"));
  EXPECT_THAT(error, HasSubstr("override 'nothing': no '='"));
  EXPECT_THAT(error, HasSubstr("override '~train=1': a deletion has no value"));
  EXPECT_THAT(error, HasSubstr("override 'a..b=1': not a path"));
  EXPECT_THAT(error, HasSubstr("override '=1': not a path"));
  EXPECT_THAT(error, HasSubstr("override 'x=[1': at character 3: "));
  EXPECT_THAT(error, HasSubstr("override 'extends=b': extends is settled in the file"));
  EXPECT_THAT(error, HasSubstr("override 'y={a: 1, a: 2}': at character 10: key 'a' is given twice"));
}

// ---- interpolation

TEST(Interpolation, TakesWholeValuesAndTexts) {
  EXPECT_EQ(
      composed("vars: {width: 64, list: [1, 2]}\na: \"${width}\"\nb: ${list}\nc: w${width}x${d.e}\nd: {e: 7}\nf: ${d}\n"
               "g: ${list[1]}\nh: ${list.0}\n"),
      "a: 64\nb: [1, 2]\nc: w64x7\nd:\n  e: 7\nf:\n  e: 7\ng: 2\nh: 1\n");
}

TEST(Interpolation, LooksUnderVarsFirst) {
  EXPECT_EQ(composed("vars: {x: var}\nx: document\na: ${x}\nb: ${vars.x}\n"), "x: document\na: var\nb: var\n");
}

TEST(Interpolation, KeepsTheParametersOfABlockInItsLayers) {
  EXPECT_EQ(composed("vars: {w: 1, d: 5, m: {k: \"$${w}\"}}\n"
                     "blocks: {b: {parameters: {w: \"${d}\", l: [1]}, layers: [a: \"${w}\", c: \"${d}x${w}\", e: "
                     "\"${l[0]}\", f: \"$${w}${w}\", g: \"${m}\"]}}\no: \"${w}\"\n"),
            "blocks:\n  b:\n    parameters:\n      w: 5\n      l: [1]\n    layers:\n      - a: \"${w}\"\n"
            "      - c: \"5x${w}\"\n      - e: \"${l[0]}\"\n      - f: \"$${w}${w}\"\n      - g:\n"
            "          k: \"$${w}\"\no: 1\n");
  EXPECT_THAT(error_of("blocks: {b: {parameters: {w: 1}, layers: [a: \"${v}\"]}}\n"),
              HasSubstr("blocks.b.layers[0].a: 'v' is neither in vars nor in the experiment"));
}

TEST(Interpolation, KeepsThePositionOfWhatItTakes) {
  const Document document = load_document_text("vars:\n  w: 64\na: ${w}\nb: x${w}\n", "e.yaml");
  EXPECT_EQ(document.root.find("a")->where, (Position{"e.yaml", 2, 6}));
  EXPECT_EQ(document.root.find("b")->where, (Position{"e.yaml", 4, 4}));
}

TEST(Interpolation, FollowsReferencesToReferences) {
  EXPECT_EQ(composed("a: ${b.c}\nb: ${m}\nvars: {m: {c: \"${n}\"}, n: 3}\n"), "a: 3\nb:\n  c: 3\n");
}

TEST(Interpolation, SeesOverrides) {
  EXPECT_EQ(composed("vars: {w: 1}\na: ${w}", {"vars.w=2"}), "a: 2\n");
  EXPECT_EQ(composed("vars: {w: 1}\na: 0", {"a=${w}"}), "a: 1\n");
}

TEST(Interpolation, QuotedTextsStayTextsAndEscapesStay) {
  const YamlNode root = load_document_text(
                            "vars: {w: 1}\na: \"${w}0\"\nb: ${w}0\nc: $${w} $5\nd: ${c}\ne: {f: \"$${w}\"}\n"
                            "g: ${e}\nh: ${g.f}\n",
                            "e.yaml")
                            .root;
  EXPECT_TRUE(root.find("a")->quoted);
  EXPECT_FALSE(root.find("b")->quoted);
  EXPECT_EQ(root.find("b")->text, "10");
  EXPECT_EQ(root.find("c")->text, "${w} $5");
  EXPECT_EQ(root.find("d")->text, "${w} $5");
  EXPECT_EQ(root.find("h")->text, "${w}");
}

TEST(Interpolation, ReadsTheEnvironment) {
  const Environment folder("DUEL_TEST_FOLDER", "/data");
  const std::string text =
      "vars: {sub: mnist}\na: ${env:DUEL_TEST_FOLDER}/x\nb: \"${env:DUEL_TEST_MISSING,1e-4}\"\nc: "
      "${env:DUEL_TEST_MISSING,}\n"
      "d: ${env:DUEL_TEST_MISSING,${env:DUEL_TEST_FOLDER}/${sub}}\ne: ${env:DUEL_TEST_FOLDER,unused}\n";
  EXPECT_EQ(composed(text), "a: /data/x\nb: 1e-4\nc: \"\"\nd: /data/mnist\ne: /data\n");
  EXPECT_THAT(error_of("a: ${env:DUEL_TEST_MISSING}"),
              StartsWith("e.yaml:1:4: a: the environment has no DUEL_TEST_MISSING; set it, or give a default"));
  EXPECT_THAT(error_of("a: ${env:,x}"), HasSubstr("names no variable"));
  const Environment bad("DUEL_TEST_BAD", "a\nb\xff");
  EXPECT_THAT(error_of("a: ${env:DUEL_TEST_BAD}"), HasSubstr("is not a line of UTF-8 text"));
  const Environment reference("DUEL_TEST_REFERENCE", "${sub}");
  EXPECT_EQ(composed("vars: {sub: x}\na: ${env:DUEL_TEST_REFERENCE}"), "a: \"${sub}\"\n");
}

TEST(Interpolation, ReportsCyclesWithTheirPath) {
  EXPECT_EQ(error_of("vars:\n  a: ${b}\n  b: ${c}\n  c: x${a}\n"),
            "e.yaml:4:6: vars.c: refers to itself: vars.a → vars.b → vars.c → vars.a; break the circle");
  EXPECT_EQ(error_of("a: {b: [\"${a}\"]}"), "e.yaml:1:9: a.b[0]: refers to itself: a.b[0] → a; break the circle");
  EXPECT_EQ(error_of("a: ${a}"), "e.yaml:1:4: a: refers to itself: a → a; break the circle");
  EXPECT_THAT(error_of("a: ${a.b}"), HasSubstr("a: refers to itself: a → a"));
}

TEST(Interpolation, ReportsEveryMistakeAtOnceWithSuggestions) {
  const std::string error = error_of(
      "vars: {width: 64}\na: ${widht}\nb: ${vars.widht}\nc: x${vars}\nd: ${\ne: ${}\nf: ${width.x}\ng: ${a}\n\"${k}\": "
      "1\n");
  EXPECT_THAT(error,
              HasSubstr("e.yaml:2:4: a: 'widht' is neither in vars nor in the experiment; did you mean 'width'?"));
  EXPECT_THAT(error, HasSubstr("e.yaml:3:4: b: 'vars' has no 'widht'; did you mean 'width'?"));
  EXPECT_THAT(error, HasSubstr("e.yaml:4:4: c: ${vars} is a map and cannot stand within a text"));
  EXPECT_THAT(error, HasSubstr("e.yaml:5:4: d: a '${' without its '}'"));
  EXPECT_THAT(error, HasSubstr("e.yaml:6:4: e: ${} names nothing"));
  EXPECT_THAT(error, HasSubstr("e.yaml:7:4: f: 'vars.width' is the text '64' and has no 'x'"));
  EXPECT_THAT(error, Not(HasSubstr("e.yaml:8:")));  // ${a} is wrong only because a is
  EXPECT_THAT(error, HasSubstr("e.yaml:9:1: a ${…} in the key '${k}'"));
  EXPECT_THAT(error_of("vars: 3"), HasSubstr("vars: the text '3' instead of a map"));
}

TEST(Interpolation, BombsAreDefused) {
  const std::clock_t begin = std::clock();
  std::string lists = "a0: [x, x, x, x]\n";
  std::string texts = "a0: xxxxxxxxxxxxxxxx\n";
  std::string chain = "a0: x\n";
  std::string nested = "a0: x\n";
  for (int i = 1; i < 100; ++i) {
    const std::string before = "${a" + std::to_string(i - 1) + "}";
    const std::string key = "a" + std::to_string(i) + ": ";
    lists += key + "[\"" + before + "\", \"" + before + "\"]\n";
    texts += key + before + before + "\n";
    chain = key + before + "\n" + chain;
    nested += key + "[\"" + before + "\"]\n";
  }
  EXPECT_THAT(error_of(lists), HasSubstr("the resolved document has more than 100000 values"));
  EXPECT_THAT(error_of(texts), HasSubstr("4.00 MiB of text"));
  EXPECT_THAT(error_of(chain), HasSubstr("more than 64 references deep"));
  EXPECT_THAT(error_of(nested), HasSubstr("nested deeper than 64 levels"));
  std::string defaults;
  for (int i = 0; i < 4000; ++i) defaults += "${env:X,";
  EXPECT_THAT(error_of("a: " + defaults), HasSubstr("without its '}'"));
  EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC);  // and each alone far less, without a sanitizer
}

// ---- paths of files

TEST(ResolvePath, IsRelativeToWhereTheNameStands) {
  EXPECT_EQ(resolve_path("data/x.gz", {"base/exp.yaml", 3, 1}), "base/data/x.gz");
  EXPECT_EQ(resolve_path("../x.gz", {"base/exp.yaml", 3, 1}), "x.gz");
  EXPECT_EQ(resolve_path("/abs/x.gz", {"base/exp.yaml", 3, 1}), "/abs/x.gz");
  EXPECT_EQ(resolve_path("x.gz", {"exp.yaml", 3, 1}), "x.gz");
  EXPECT_EQ(resolve_path("x.gz", {"override 'a/b=x.gz'", 0, 0}), "x.gz");
}

}  // namespace
}  // namespace duel
