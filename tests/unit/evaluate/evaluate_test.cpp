// Records, and what evaluate() makes of two sides.
#include "evaluate/evaluate.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/parallel.hpp"
#include "evaluate/leakage.hpp"
#include "evaluate/stored_score.hpp"
#include "tests/support/refusal.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

EvaluationRecord example() {
  EvaluationRecord record;
  record.metric = "kid";
  record.value = 0.25;
  record.uncertainty = 0.5;
  record.uncertainty_kind = "standard deviation over subsets";
  record.n_real = 100;
  record.floor = Floor{0.125, 50};
  record.protocol.features = "pixels";
  record.protocol.seed = 7;
  record.protocol.parameters = {{"subsets", "10"}};
  record.warnings = {"few"};
  return record;
}

TEST(Record, AsJsonHasEverythingAndNullForWhatIsNotKnown) {
  EXPECT_EQ(record_json(example()), json::parse(R"({
    "metric": "kid", "value": 0.25, "better": "lower", "uncertainty": 0.5, "uncertainty_kind": "standard deviation over subsets",
    "n_real": 100, "n_fake": null, "floor": 0.125, "floor_n": 50, "floor_seed": 0, "rank_deficient": false, "warnings": ["few"],
    "protocol": {"features": "pixels", "features_hash": null, "preprocessing": null, "split": null, "seed": 7,
                 "parameters": {"subsets": "10"}}})"));
  EXPECT_EQ(json::parse(records_json_text(std::vector{example(), example()})).size(), 2u);
}

TEST(Record, IsReadAsItWasWritten) {
  EvaluationRecord record = example();
  record.better = Better::higher;
  record.n_fake = 200;
  record.floor_seed = 3;
  record.protocol.features_hash = "ab";
  record.protocol.preprocessing = "crop";
  record.protocol.split = "test";
  record.rank_deficient = true;
  const auto read = record_from_json(record_json_text(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(record_json(*read), record_json(record));
  EvaluationRecord bare;
  bare.metric = "fid";
  EXPECT_EQ(record_json(record_from_json(record_json_text(bare)).value()), record_json(bare));
}

TEST(Record, IsReadWhateverTheTextIs) {
  for (const char* text : {"", "{", "[]", "3", R"({"value": 1})"}) EXPECT_FALSE(record_from_json(text)) << text;
  const auto read =
      record_from_json(R"({"metric": "fid", "value": null, "n_real": "many", "protocol": 3, "floor": []})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(std::isnan(read->value));
  EXPECT_EQ(read->better, Better::neither);
  EXPECT_FALSE(read->n_real || read->floor || read->protocol.seed);
}

TEST(Record, IsStoredWithItsNumbers) {
  const StoredScore score = stored_score(example());
  EXPECT_EQ(score, (StoredScore{0.25, 0.5, 0.125, record_json_text(example())}));
  StoredScore other = score;  // the numbers of the file count
  other.value = 2;
  other.floor.reset();
  EXPECT_EQ(stored_record(score)->floor, example().floor);
  EXPECT_EQ(stored_record(other)->value, 2);
  EXPECT_FALSE(stored_record(other)->floor);
}

TEST(Record, AsTableHasALineEachAndWarningsOnce) {
  EXPECT_EQ(records_table(std::vector{example(), example()}),
            "metric  value  ±    floor  real  fake  features\n"
            "kid     0.25   0.5  0.125  100   -     pixels\n"
            "kid     0.25   0.5  0.125  100   -     pixels\n"
            "warning: kid: few\n");
}

TEST(Record, WarningsNameEachOfTheirMetrics) {
  std::vector<EvaluationRecord> records(4, example());
  records[0].metric = "ms_ssim";
  records[1].metric = "ssim";
  records[2].metric = "ssim";
  records[3].metric = "fid";
  EXPECT_THAT(records_table(records), testing::EndsWith("\nwarning: ms_ssim, ssim, fid: few\n"));
}

TEST(Record, DifferencesNameWhatDiffers) {
  EvaluationRecord other = example();
  EXPECT_THAT(differences(example(), other), IsEmpty());
  other.value = 3;  // what is compared, not what comparing needs
  EXPECT_THAT(differences(example(), other), IsEmpty());
  other.n_real = 50;
  other.protocol.features = "";
  other.protocol.seed.reset();
  other.protocol.parameters = {{"subsets", "20"}, {"size", "3"}};
  EXPECT_THAT(differences(example(), other),
              ElementsAre("n_real: 100, 50", "features: pixels, unknown", "seed: 7, unknown",
                          "parameters.size: unknown, 3", "parameters.subsets: 10, 20"));
  other = example();
  other.protocol.features_hash = "ab";
  other.protocol.preprocessing = "crop";
  other.protocol.split = "test";
  other.metric = "fid";
  EXPECT_EQ(differences(example(), other).size(), 4u);
}

// Says what it was given.
struct Probe final : Metric {
  MetricNeeds given;
  double value = 1;

  explicit Probe(MetricNeeds needed) : given(needed) {}
  static std::string first_of(const FeatureMatrix* rows) {
    double first = 0;
    if (rows != nullptr) rows->copy_row(0, 0, 1, &first);
    return fmt::format("{}", first);
  }
  MetricNeeds needs() const override { return given; }
  std::vector<MetricOutput> outputs() const override { return {{"probe", Better::higher}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override {
    EvaluationRecord record;
    record.metric = "probe";
    record.value = value;
    record.protocol.parameters = {{"real rows", input.real.rows != nullptr ? "yes" : "no"},
                                  {"fake statistics", input.fake.statistics != nullptr ? "yes" : "no"},
                                  {"real first", first_of(input.real.rows)}};
    return {record};
  }
};

std::vector<NamedMetric> probe(MetricNeeds needs, double value = 1) {
  auto metric = std::make_shared<Probe>(needs);
  metric->value = value;
  return {{"probe", metric}};
}

// No two places have a row in common.
FeatureMatrix rows(int64_t count, int64_t width, const std::string& place, FeatureOrigin origin = {}) {
  std::vector<double> values;
  const double shift = place == "fake" ? 0.5 : 0;
  for (int64_t i = 0; i < count * width; ++i) values.push_back(static_cast<double>(i * i % 7) + shift);
  return FeatureMatrix::of(values, width, place, std::move(origin));
}

constexpr MetricNeeds of_rows{SideNeed::rows, SideNeed::rows};
constexpr MetricNeeds of_statistics{SideNeed::statistics, SideNeed::statistics};

std::string evaluation_refusal(const SideData& real, const SideData& fake, const std::vector<NamedMetric>& metrics) {
  return refusal_of([&] { evaluate(real, fake, metrics, 0); });
}

TEST(Evaluate, FillsInTheProtocolAndTheNumbersOfSamples) {
  const FeatureOrigin origin{"pixels", "ab", "flattened", "test"};
  const auto records = evaluate(rows(9, 2, "real", origin), rows(8, 2, "fake", {"pixels", "", "flattened", ""}),
                                probe(of_statistics), 3);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].n_real, 9);
  EXPECT_EQ(records[0].n_fake, 8);
  EXPECT_EQ(records[0].protocol.features, "pixels");
  EXPECT_EQ(records[0].protocol.features_hash, "ab");
  EXPECT_EQ(records[0].protocol.preprocessing, "flattened");
  EXPECT_EQ(records[0].protocol.split, "test");
  EXPECT_EQ(records[0].protocol.seed, std::nullopt) << "it draws nothing";
  EXPECT_EQ(records[0].protocol.parameters.at("fake statistics"), "yes");
  EXPECT_THAT(records[0].warnings, IsEmpty());
}

TEST(Evaluate, WarnsOfUnlikeAndUnknownFeatures) {
  const auto unlike = evaluate(rows(9, 2, "real", {"pixels", "", "", ""}), rows(9, 2, "fake", {"values", "", "", ""}),
                               probe(of_rows), 0);
  EXPECT_THAT(unlike[0].warnings, ElementsAre("the sides have unlike features: pixels (real), values (fake)"));
  EXPECT_EQ(unlike[0].protocol.features, "pixels | values");
  const auto unknown = evaluate(rows(9, 2, "real.npz"), rows(9, 2, "fake", {"values", "", "", ""}), probe(of_rows), 0);
  EXPECT_THAT(unknown[0].warnings, ElementsAre("real.npz does not say what its features are"));
}

TEST(Evaluate, RefusesSidesThatDoNotFit) {
  EXPECT_EQ(evaluation_refusal(rows(9, 2, "real"), rows(9, 3, "fake"), probe(of_rows)),
            "fake: its features have a width of 3, and those of real have 2; both sides need the same features");
  EXPECT_THAT(evaluation_refusal(rows(9, 2, "real", {"f", "ab", "", ""}), rows(9, 2, "fake", {"f", "cd", "", ""}),
                                 probe(of_rows)),
              HasSubstr("fake: its features were made by other weights than those of real"));
  EXPECT_EQ(evaluation_refusal(statistics_of(rows(9, 2, "real")), rows(9, 2, "fake"), probe(of_rows)),
            "real: holds statistics alone, and probe needs the samples themselves; give their features");
  EXPECT_EQ(evaluation_refusal(statistics_of(rows(9, 2, "real")), rows(9, 2, "fake"), probe(of_statistics)),
            "accepted");
}

TEST(Evaluate, RefusesSidesWithoutThePairsImagesMapsOrLabelsThatAreNeeded) {
  constexpr MetricNeeds pairs{SideNeed::rows, SideNeed::rows, true};
  EXPECT_EQ(evaluation_refusal(rows(9, 2, "real"), rows(8, 2, "fake"), probe(pairs)),
            "fake: has 8 examples and real has 9: probe compares them in pairs");
  EXPECT_EQ(evaluation_refusal(rows(9, 2, "real"), rows(9, 2, "fake"), probe(pairs)), "accepted");

  constexpr MetricNeeds images{SideNeed::images, SideNeed::images};
  const auto picture = FeatureMatrix::of(std::vector<double>(8, 1.0), Shape{2, 2, 1}, "pictures");
  EXPECT_EQ(evaluation_refusal(rows(2, 4, "real"), picture, probe(images)),
            "real: holds examples of shape [4], and probe needs images; give images: height, width, channels");
  EXPECT_EQ(evaluation_refusal(picture, picture, probe(images)), "accepted");

  constexpr MetricNeeds maps{SideNeed::maps, SideNeed::maps};
  EXPECT_EQ(evaluation_refusal(picture, rows(2, 4, "fake"), probe(maps)),
            "fake: holds examples of shape [4], and probe needs feature maps; give features before they are pooled: "
            "height, width, channels");
  EXPECT_EQ(evaluation_refusal(picture, picture, probe(maps)), "accepted");

  constexpr MetricNeeds labels{SideNeed::nothing, SideNeed::labelled_rows};
  EXPECT_EQ(evaluation_refusal(rows(2, 4, "real"), rows(2, 4, "fake"), probe(labels)),
            "fake: does not say the classes of its examples, which probe needs");
  EXPECT_EQ(evaluation_refusal(rows(2, 4, "real"), rows(2, 4, "fake").with_labels({0, 3}), probe(labels)), "accepted");
  EXPECT_THROW(rows(2, 4, "fake").with_labels({0}), UserError);
  EXPECT_THROW(rows(2, 4, "fake").with_labels({0, -1}), UserError);
  EXPECT_THAT(rows(3, 4, "fake").with_labels({5, 6, 7}).select(std::vector<int64_t>{2, 0}).labels(), ElementsAre(7, 5));
}

TEST(Evaluate, SaysWhichDirectionIsBetter) {
  const auto records = evaluate(rows(9, 2, "real"), rows(9, 2, "fake"), probe(of_rows), 0);
  EXPECT_EQ(records[0].better, Better::higher);
  EXPECT_EQ(records[0].floor, std::nullopt);
}

TEST(Evaluate, DoesNotAskForASideThatIsNotNeeded) {
  const auto records =
      evaluate(rows(9, 5, "real"), rows(9, 2, "fake"), probe({SideNeed::nothing, SideNeed::probabilities}), 0);
  EXPECT_EQ(records[0].n_real, std::nullopt);
  EXPECT_EQ(records[0].protocol.parameters.at("real rows"), "no");
}

// ---- sides of several parts

FeatureMatrix pictures(const std::string& place, uint8_t first, const Shape& shape = {2, 2, 1}) {
  Bytes bytes(3 * static_cast<std::size_t>(shape.elements()), std::byte{first});
  return {3, shape, ElementType::u8, std::move(bytes), 0, place, {"pixels", "", "none", ""}};
}

// Features, their statistics, and the images that they were made of.
SideData whole_side(const std::string& place, uint8_t pixel) {
  SideData side;
  side.features = rows(3, 4, place, {"a network", "ab", "resized", ""});
  side.statistics =
      FeatureStatistics{70, {1, 2, 3, 4}, std::vector<double>(16, 0.0), {"a network", "ab", "", ""}, place};
  side.images = pictures(place, pixel);
  return side;
}

TEST(Evaluate, GivesImagesToMetricsOnImagesAndFeaturesToAllOthers) {
  const SideData real = whole_side("real", 9), fake = whole_side("fake", 8);
  const EvaluationRecord images = evaluate(real, fake, probe({SideNeed::images, SideNeed::images}), 0).front();
  EXPECT_EQ(images.protocol.parameters.at("real first"), "9");
  EXPECT_EQ(images.protocol.features, "pixels");
  EXPECT_EQ(images.protocol.features_hash, "");
  EXPECT_EQ(images.protocol.preprocessing, "none");
  EXPECT_EQ(images.n_real, 3);

  const EvaluationRecord features = evaluate(real, fake, probe(of_rows), 0).front();
  EXPECT_EQ(features.protocol.parameters.at("real first"), "0");
  EXPECT_EQ(features.protocol.features, "a network");
  EXPECT_EQ(features.protocol.preprocessing, "resized");
  EXPECT_EQ(features.n_real, 3);

  const EvaluationRecord statistics = evaluate(real, fake, probe(of_statistics), 0).front();
  EXPECT_EQ(statistics.n_real, 70) << "they are those that were given";
  EXPECT_EQ(statistics.protocol.parameters.at("fake statistics"), "yes");
}

TEST(Evaluate, TakesImagesFromFeaturesThatAreImages) {
  const EvaluationRecord record =
      evaluate(pictures("real", 9), pictures("fake", 8), probe({SideNeed::images, SideNeed::images}), 0).front();
  EXPECT_EQ(record.protocol.features, "pixels");
  EXPECT_EQ(record.protocol.parameters.at("real first"), "9");
}

TEST(Evaluate, RefusesImagesThatLackFeaturesOrAreOfUnlikeSizes) {
  SideData images;
  images.images = pictures("real", 9);
  EXPECT_EQ(evaluation_refusal(images, rows(3, 4, "fake"), probe(of_rows)),
            "real: holds images alone, and probe needs features of them");
  const auto on_images = probe({SideNeed::images, SideNeed::images});
  EXPECT_EQ(evaluation_refusal(images, pictures("fake", 9, {1, 4, 1}), on_images),
            "fake: its images are of [1, 4, 1], and those of real of [2, 2, 1]; bring both sides to one size");
  EXPECT_EQ(evaluation_refusal(statistics_of(rows(9, 4, "real")), images, on_images),
            "real: holds statistics alone, and probe needs the samples themselves; give the images");
}

TEST(Evaluate, CannotTakeASideWhosePartsDoNotFit) {
  SideData side = whole_side("real", 9);
  side.images = FeatureMatrix::of(std::vector<double>(12, 1.0), Shape{2, 2, 1}, "real");
  EXPECT_THROW(evaluate(side, side, probe(of_rows), 0), InternalError) << "pixels that are no bytes";
  side = whole_side("real", 9);
  side.features = rows(4, 4, "real");
  EXPECT_THROW(evaluate(side, side, probe(of_rows), 0), InternalError) << "features of more examples than images";
  EXPECT_THROW(evaluate(SideData(), side, probe(of_rows), 0), InternalError);
}

// ---- leakage

FeatureMatrix with_values(const std::vector<double>& values) { return FeatureMatrix::of(values, 2, "values"); }

TEST(Leakage, CountsFakesThatEqualARealInEveryNumber) {
  const auto real = with_values({1, 2, 3, 4, 0.0, 5});
  EXPECT_EQ(count_leaked(real, with_values({2, 1, 3, 5, 4, 3})), 0);
  EXPECT_EQ(count_leaked(real, with_values({3, 4, 3, 4, 1, 1})), 2) << "each fake counts";
  EXPECT_EQ(count_leaked(real, with_values({-0.0, 5})), 1);
  const std::vector<float> floats{3, 4, 3, 4.5};
  Bytes bytes(sizeof(float) * floats.size());
  std::memcpy(bytes.data(), floats.data(), bytes.size());
  EXPECT_EQ(count_leaked(real, {2, Shape{2}, ElementType::f32, bytes, 0, "floats", {}}), 1) << "whatever the type";
}

TEST(Leakage, IsTheSameOnAnyNumberOfThreads) {
  std::vector<double> reals, fakes;
  for (int i = 0; i < 3000; ++i) {
    for (int j = 0; j < 2; ++j) {
      reals.push_back(i);
      fakes.push_back(3 * i);
    }
  }
  for (const int threads : {1, 2, 3}) {
    ThreadPool(threads).run([&] { EXPECT_EQ(count_leaked(with_values(reals), with_values(fakes)), 1000); });
  }
}

TEST(Leakage, IsToldOfTwoUnpairedSets) {
  const auto real = with_values({1, 2, 3, 4, 5, 6}), fake = with_values({1, 2, 7, 8, 3, 4});
  const auto warnings_of = [&](const MetricNeeds& needs) {
    auto origin_known = evaluate(real, fake, probe(needs), 0).front().warnings;
    std::erase_if(origin_known,
                  [](const std::string& text) { return text.find("what its features are") != text.npos; });
    return origin_known;
  };
  EXPECT_THAT(warnings_of(of_rows), ElementsAre("2 of the 3 fakes equal a real example"));
  EXPECT_THAT(warnings_of(of_statistics), ElementsAre("2 of the 3 fakes equal a real example"));
  EXPECT_THAT(warnings_of({SideNeed::rows, SideNeed::rows, true}), IsEmpty());
  EXPECT_THAT(warnings_of({SideNeed::nothing, SideNeed::rows}), IsEmpty());
  EXPECT_THAT(evaluate(real, with_values({1, 2}), probe(of_rows), 0).front().warnings,
              testing::Contains("1 of the 1 fakes equals a real example"));
}

TEST(Evaluate, PassesOnNoScoreThatIsNotFinite) {
  EXPECT_THAT(evaluation_refusal(rows(9, 2, "real"), rows(9, 2, "fake"), probe(of_rows, 1.0 / 0.0)),
              HasSubstr("fake: probe is beyond the range of numbers"));
}

}  // namespace
}  // namespace duel
