// The command `evaluate`, as a user starts it, on a run that was trained for it.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "store/checkpoint.hpp"
#include "store/evaluation_file.hpp"
#include "store/run_file.hpp"
#include "tests/support/documented_record.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

using Words = std::vector<std::string>;

constexpr const char* points_yaml = R"yaml(
name: points
seed: 3
data: {train: {gaussian: {mean: 0.5, deviation: 0.1}}, batch: 16}
networks:
  generator: {inputs: {z: [4]}, layers: [dense: 8, relu, dense: 2]}
  discriminator: {inputs: {x: [2]}, layers: [dense: 8, relu, dense: 1]}
values:
  z: normal(4)
  fake: generator(z)
  d_real: discriminator(data.point)
  d_fake: discriminator(fake)
players:
  discriminator:
    updates: discriminator
    optimizer: {adam: {lr: 1.0e-3}}
    loss: [bce: {logits: d_real, target: 1}, bce: {logits: d_fake, target: 0}]
  generator: {updates: generator, optimizer: {adam: {lr: 1.0e-3}}, loss: [bce: {logits: d_fake, target: 1}]}
train: {steps: 20}
evaluate: {real: data.test.point, fake: fake, count: 200, metrics: [fid, kid: {subset_size: 60, subsets: 5}]}
checkpoint: {every: 10}
)yaml";

// Images of digits, and two networks that could make features of them.
constexpr const char* digits_yaml = R"yaml(
name: drawn
seed: 3
data: {train: {digits: {count: 80}}, transform: [rescale: [-1, 1], one_hot: {fields: [label]}], batch: 16}
networks:
  classifier:
    inputs: {x: [28, 28, 1]}
    layers: [flatten, dense: {units: 6, as: hidden}, batch_norm, relu, dense: 10]
  other: {inputs: {x: [28, 28, 1]}, layers: [flatten, dense: 2]}
values: {logits: classifier(data.image), o: other(data.image)}
players:
  classifier:
    updates: [classifier, other]
    optimizer: {adam: {lr: 1.0e-3}}
    loss: {expression: "mean(square(logits - data.label)) + mean(square(o))"
}
train: {steps: 6}
evaluate: {real: data.image, fake: "flip(data.image)", count: 40, metrics: [fid]}
checkpoint: {every: 3}
)yaml";

// Both are trained once for all tests of the program.
class Evaluate : public testing::Test {
 protected:
  void SetUp() override {
    for (const ProgramEnd* end : {&runs().points, &runs().digits}) ASSERT_EQ(end->code, 0) << end->errors;
  }

  static fs::path folder() { return runs().folder.path(); }
  static ProgramEnd run(Words arguments) {
    arguments.insert(arguments.begin(), "evaluate");
    return run_program(arguments, folder());
  }
  static std::string text(const Words& arguments) {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.code, 0) << end.errors;
    EXPECT_EQ(end.errors, "");
    return end.output;
  }
  static json records(Words arguments) {
    arguments.insert(arguments.end(), {"--json", "--no-save"});
    return json::parse(text(arguments));
  }
  static Words metrics_of(const json& list) {
    Words names;
    for (const json& record : list) names.push_back(record.at("metric"));
    return names;
  }

 private:
  struct Runs {
    Runs() {
      folder.write("points.yaml", points_yaml);
      folder.write("digits.yaml", digits_yaml);
      points = run_program({"train", "points.yaml", "--out", "points", "--quiet"}, folder.path());
      digits = run_program({"train", "digits.yaml", "--out", "digits", "--quiet"}, folder.path());
    }
    TemporaryFolder folder;
    ProgramEnd points, digits;
  };
  static const Runs& runs() {
    static const Runs made;
    return made;
  }
};

// The example of docs/evaluation.md says which keys a record has; `duel evaluate` adds the step.
TEST_F(Evaluate, PrintsRecordsWithTheDocumentedKeys) {
  json documented = documented_record();
  documented["step"] = 20;
  documented["evaluation"] = "evaluation";
  const json list = records({"points"});
  EXPECT_THAT(metrics_of(list), ElementsAre("fid", "kid"));
  for (const json& record : list) {
    EXPECT_EQ(keys_of(record), keys_of(documented));
    EXPECT_EQ(keys_of(record.at("protocol")), keys_of(documented.at("protocol")));
    EXPECT_TRUE(record.at("value").is_number());
    EXPECT_TRUE(record.at("floor").is_number());
    EXPECT_EQ(record.at("n_real"), 200);
    EXPECT_EQ(record.at("n_fake"), 200);
    EXPECT_EQ(record.at("step"), 20);
    EXPECT_EQ(record.at("protocol").at("features"), "values");
    EXPECT_EQ(record.at("protocol").at("split"), "test");
  }
  EXPECT_TRUE(list[0].at("uncertainty").is_null());
  EXPECT_TRUE(list[1].at("uncertainty").is_number());
}

// The section's own evaluation of the last step, asked for again.
TEST_F(Evaluate, GivesTheRecordsThatTrainingKept) {
  const auto kept = read_run(folder() / "points/run.h5").evaluations.at("evaluation");
  json list = records({"points"});
  ASSERT_EQ(kept.steps.back(), 20);
  for (json& record : list) {
    record.erase("step");
    record.erase("evaluation");
    EXPECT_EQ(record, json::parse(kept.metrics.at(record.at("metric")).back().record));
  }
}

TEST_F(Evaluate, GivesTheSameRecordsAgainAndOnAnyNumberOfThreads) {
  const Words asked{"points", "--metrics", "fid,kid,prdc,fid_infinity", "kid.subset_size=50", "--json", "--no-save"};
  const auto with = [&](const Words& more) {
    Words arguments = asked;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return text(arguments);
  };
  const std::string one = with({"--threads", "1"});
  EXPECT_EQ(with({"--threads", "1"}), one);
  EXPECT_EQ(with({"--threads", "2"}), one);
  EXPECT_NE(with({"--threads", "2", "--seed", "1"}), one);
}

TEST_F(Evaluate, TakesMetricsAndTheirParameters) {
  const json list = records({"points", "--metrics", "fid,kid,prdc", "prdc.k=2", "kid.subset_size=50", "-n", "100"});
  EXPECT_THAT(metrics_of(list), ElementsAre("fid", "kid", "precision", "recall", "density", "coverage"));
  for (const json& record : list) EXPECT_EQ(record.at("n_fake"), 100);
  EXPECT_EQ(list[1].at("protocol").at("parameters").at("subset_size"), "50");
  for (const std::size_t i : {2, 3, 4, 5}) EXPECT_EQ(list[i].at("protocol").at("parameters").at("k"), "2");
}

TEST_F(Evaluate, PrintsATableAndWritesAFile) {
  const std::string table = text({"points"});
  EXPECT_THAT(
      table,
      MatchesRegex("evaluation, step 20\n"
                   "metric +value +± +floor +real  fake  features\n"
                   "fid +[0-9.e+-]+ +- +[0-9.e+-]+ .of 100. +200 +200 +values\n"
                   "kid .subset_size: 60, subsets: 5. +[0-9.e+-]+ +[0-9.e+-]+ +[0-9.e+-]+ .of 100. +200 +200 +values\n"
                   "written to points/evaluations/evaluation-step-000020.h5\n"));
  const EvaluationFile file = read_evaluation(folder() / "points/evaluations/evaluation-step-000020.h5");
  const json list = records({"points"});
  for (const json& record : list) {
    EXPECT_EQ(file.scores.at(record.at("metric")).value, record.at("value").get<double>());
  }
  EXPECT_THAT(text({"points"}), EndsWith("evaluation-step-000020-2.h5\n")) << "no file is written over";
}

TEST_F(Evaluate, LooksAtTheCheckpointsThatAreAskedFor) {
  const auto steps_of = [](const json& list) {
    std::vector<int> steps;
    for (const json& record : list) steps.push_back(record.at("step"));
    return steps;
  };
  const json all = records({"points", "--metrics", "fid", "--every-checkpoint"});
  EXPECT_THAT(steps_of(all), ElementsAre(10, 20));
  EXPECT_EQ(records({"points", "--metrics", "fid", "--step", "10"}), json({all[0]}));
  const ProgramEnd absent = run({"points", "--step", "15"});
  EXPECT_EQ(absent.code, 2);
  EXPECT_EQ(absent.errors, "points has no checkpoint of step 15; it has those of 10, 20\n");
}

TEST_F(Evaluate, MakesFeaturesByANetworkOfAnotherRun) {
  const json list = records({"digits", "--features", "digits:classifier/hidden"});
  const json& protocol = list.at(0).at("protocol");
  EXPECT_EQ(protocol.at("features"), "drawn/classifier/hidden");
  EXPECT_EQ(protocol.at("features_hash").get<std::string>().size(), 64u);
  EXPECT_EQ(protocol.at("preprocessing"), "8 bits; {rescale: [-1, 1]}, {one_hot: {fields: [label]}}");
  EXPECT_EQ(protocol.at("split"), "training");
  const json other = records({"digits", "--features", "digits:other/dense_1"});
  EXPECT_EQ(other.at(0).at("protocol").at("features"), "drawn/other/dense_1");
  const ProgramEnd unsaid = run({"digits", "--features", "digits"});
  EXPECT_EQ(unsaid.code, 2);
  EXPECT_THAT(unsaid.errors, HasSubstr("drawn has the networks classifier, other; say which by `network`"));
  EXPECT_EQ(records({"digits"}).at(0).at("protocol").at("features"), "pixels");
}

// One-hot rows as logits, whose greatest numbers are the labels themselves.
TEST_F(Evaluate, TakesLabelsOfBothSides) {
  const json right =
      records({"digits", "--metrics", "accuracy", "--fake", "data.label", "--fake-labels", "data.label"});
  EXPECT_EQ(right.at(0).at("value"), 1);
  const json wrong =
      records({"digits", "--metrics", "accuracy", "--fake", "1 - data.label", "--fake-labels", "data.label"});
  EXPECT_EQ(wrong.at(0).at("value"), 0);
  const json learnt = records({"digits", "--metrics", "classification_accuracy_score", "--real", "data.label",
                               "--real-labels", "data.label", "--fake", "data.label", "--fake-labels", "data.label"});
  EXPECT_EQ(learnt.at(0).at("value"), 1);
  const ProgramEnd unsaid = run({"digits", "--metrics", "accuracy", "--fake", "data.label", "--no-save"});
  EXPECT_EQ(unsaid.code, 2);
  EXPECT_THAT(unsaid.errors, HasSubstr("the classes of the fake side are not known"));
}

TEST_F(Evaluate, DoesNotPassOverADamagedCheckpointOfTheNetworkForFeatures) {
  fs::copy(folder() / "digits", folder() / "damaged", fs::copy_options::recursive);
  const fs::path newest = checkpoint_path(folder() / "damaged/checkpoints", 6);
  fs::resize_file(newest, fs::file_size(newest) / 2);
  const ProgramEnd end = run({"digits", "--features", "damaged:classifier/hidden", "--no-save"});
  EXPECT_EQ(end.code, 3) << end.output;
  EXPECT_THAT(end.errors, HasSubstr("damaged/checkpoints/step-000006.h5"));
}

// Weights that the checkpoint does not hold would be the initial ones, and the score one of an untrained generator.
TEST_F(Evaluate, RefusesWhatTheRunDidNotKeep) {
  const ProgramEnd average = run({"points", "--fake", "generator.average(z)", "--no-save"});
  EXPECT_EQ(average.code, 2) << average.output;
  EXPECT_EQ(average.errors,
            "--fake: no network or function is called 'generator.average'; write `averages: {generator: "
            "{decay: 0.999}}` to keep one\n");
  std::ofstream(folder() / "idle.yaml") << "extends: points.yaml\n"
                                           "networks: {idle: {inputs: {z: [4]}, layers: [dense: 2]}}\n";
  ASSERT_EQ(run_program({"train", "idle.yaml", "--out", "idle", "--quiet"}, folder()).code, 0);
  const ProgramEnd idle = run({"idle", "--fake", "idle(z)", "--no-save"});
  EXPECT_EQ(idle.code, 2) << idle.output;
  EXPECT_THAT(idle.errors, HasSubstr("the checkpoint holds no networks/idle/dense_1/weight [4, 2]; the run did not "
                                     "train it: name a network that it did, or one with `weights:`\n"));
}

// The run's own checkpoint has all weights: those that its networks started from may be gone.
TEST_F(Evaluate, NeedsNoWeightsThatTheRunStartedFrom) {
  fs::copy(folder() / "points", folder() / "first", fs::copy_options::recursive);
  const Words training{"train",  "points.yaml", "--out",
                       "second", "--quiet",     "networks.generator.weights={from: first}"};
  ASSERT_EQ(run_program(training, folder()).code, 0);
  fs::remove_all(folder() / "first");
  EXPECT_EQ(records({"second"}).size(), 2u);
}

// An evaluation that ends the training makes its step the last, after which all are done.
TEST_F(Evaluate, IsDoneForAllWhereOneEndsTheTraining) {
  std::ofstream(folder() / "ended.yaml") << "extends: points.yaml\n"
                                            "train: {until: {often.modes: {below: 1000}}}\n"
                                            "evaluate:\n"
                                            "  - {name: rare, fake: fake, every: 1000, metrics: mixture}\n"
                                            "  - {name: often, fake: fake, every: 5, metrics: mixture}\n";
  const ProgramEnd end = run_program({"train", "ended.yaml", "--out", "ended", "--quiet"}, folder());
  ASSERT_EQ(end.code, 0) << end.errors;
  const auto evaluations = read_run(folder() / "ended/run.h5").evaluations;
  EXPECT_THAT(evaluations.at("often").steps, ElementsAre(5));
  EXPECT_THAT(evaluations.at("rare").steps, ElementsAre(5));
}

// What only training can tell: the points are no probabilities. The work is kept, and goes on with other metrics.
TEST_F(Evaluate, LosesNoTrainingToAnEvaluationThatFails) {
  const Words training{"train",           "points.yaml", "--out",
                       "failed",          "--quiet",     "evaluate.metrics=[fid, inception_score]",
                       "evaluate.every=5"};
  const ProgramEnd failed = run_program(training, folder());
  EXPECT_EQ(failed.code, 3) << failed.output;
  EXPECT_THAT(failed.errors, HasSubstr("step 5: the evaluation 'evaluation' failed: row 0 (counted from 0) is no "
                                       "probabilities"));
  EXPECT_THAT(failed.errors, EndsWith("a checkpoint is written; mend it by 'duel resume failed evaluate…=…'\n"));
  EXPECT_THAT(checkpoint_steps(folder() / "failed/checkpoints"), ElementsAre(5));
  const ProgramEnd mended =
      run_program({"resume", "failed", "--quiet", "evaluate.metrics=[fid]", "evaluate.every=10"}, folder());
  EXPECT_EQ(mended.code, 0) << mended.errors;
  const auto kept = read_run(folder() / "failed/run.h5").evaluations.at("evaluation");
  EXPECT_THAT(kept.steps, ElementsAre(10, 20));
  const ProgramEnd without = run_program({"resume", "failed", "--quiet", "~evaluate", "train.steps=25"}, folder());
  EXPECT_EQ(without.code, 0) << without.errors;
  EXPECT_EQ(read_run(folder() / "failed/run.h5").evaluations.at("evaluation").metrics.at("fid"),
            kept.metrics.at("fid"));
}

TEST_F(Evaluate, TellsARangeThatTheRealsDoNotFitBeforeTraining) {
  const Words training{"train", "digits.yaml", "--out", "beyond", "--quiet", "evaluate.range=[0, 1]"};
  const ProgramEnd end = run_program(training, folder());
  EXPECT_EQ(end.code, 2) << end.output;
  EXPECT_THAT(end.errors, HasSubstr("the real images have values from -1 to 0.9922, outside of the range [0, 1]"));
  EXPECT_FALSE(fs::exists(folder() / "beyond"));
}

TEST_F(Evaluate, DoesAllEvaluationsUnlessOneIsNamed) {
  std::ofstream(folder() / "two.yaml") << "extends: points.yaml\n"
                                          "evaluate:\n"
                                          "  - {name: apart, real: data.test.point, fake: fake, count: 200, metrics: "
                                          "[kid: {subset_size: 60, subsets: 5}, prdc]}\n"
                                          "  - {name: modes, fake: fake, count: 200, metrics: mixture}\n";
  ASSERT_EQ(run_program({"train", "two.yaml", "--out", "two", "--quiet"}, folder()).code, 0);
  const json all = records({"two", "prdc.k=2", "mixture.deviation=0.5"});
  EXPECT_THAT(metrics_of(all),
              ElementsAre("kid", "precision", "recall", "density", "coverage", "modes", "high_quality", "reverse_kl"));
  EXPECT_EQ(all[1].at("protocol").at("parameters").at("k"), "2");
  EXPECT_EQ(all[5].at("protocol").at("parameters").at("deviation"), "0.5");
  EXPECT_EQ(all[5].at("evaluation"), "modes");
  EXPECT_THAT(metrics_of(records({"two", "--name", "modes"})), ElementsAre("modes", "high_quality", "reverse_kl"));
  EXPECT_EQ(run({"two", "fid.k=2"}).code, 2);
}

// The section's parameters stay where a metric is named again; overrides lie on top.
TEST_F(Evaluate, KeepsTheParametersOfTheSection) {
  const auto parameters = [](const Words& more) {
    Words words{"points"};
    words.insert(words.end(), more.begin(), more.end());
    for (const json& record : records(words)) {
      if (record.at("metric") == "kid") return record.at("protocol").at("parameters");
    }
    return json();
  };
  EXPECT_EQ(parameters({"--metrics", "kid, prdc"}), json({{"subset_size", "60"}, {"subsets", "5"}}));
  EXPECT_EQ(parameters({"kid.subsets=3"}), json({{"subset_size", "60"}, {"subsets", "3"}}));
  EXPECT_EQ(parameters({"--metrics", "kid", "kid.subsets=3"}), json({{"subset_size", "60"}, {"subsets", "3"}}));
}

// Evaluations tell their step, and the end of the training its best checkpoint, which `--step best` takes.
TEST_F(Evaluate, TellsTheBestCheckpointAndTakesIt) {
  const Words training{"train", "points.yaml", "--out", "best", "checkpoint.best=fid", "evaluate.every=10"};
  const ProgramEnd end = run_program(training, folder());
  ASSERT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("\nstep 10  evaluation:  fid "));
  const auto kept = read_run(folder() / "best/run.h5").evaluations.at("evaluation");
  const auto& fid = kept.metrics.at("fid");
  const int64_t step = fid[0].value <= fid[1].value ? 10 : 20;
  EXPECT_THAT(end.output, HasSubstr("\nbest: evaluation.fid "));
  EXPECT_THAT(end.output, HasSubstr(" at step " + std::to_string(step) + ", best/checkpoints/step-0000" +
                                    std::to_string(step) + ".h5\n"));
  EXPECT_EQ(records({"best", "--step", "best"}).at(0).at("step"), step);
  const ProgramEnd none = run({"points", "--step", "best"});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.errors, "points keeps no best checkpoint; its experiment must say by what: checkpoint: {best: fid}\n");
  EXPECT_THAT(run({"points", "--step", "first"}).errors, HasSubstr("--step first: no step of a checkpoint"));
  Words again = training;
  again[3] = "best-json";
  again.emplace_back("--json");
  const ProgramEnd events = run_program(again, folder());
  EXPECT_THAT(events.output, HasSubstr("\"event\":\"evaluation\",\"name\":\"evaluation\",\"records\""));
  EXPECT_THAT(events.output, HasSubstr("\"step\":10}"));
  EXPECT_THAT(events.output, HasSubstr("\"event\":\"best\",\"file\":\"best-json/checkpoints/step-"));
}

}  // namespace
}  // namespace duel
