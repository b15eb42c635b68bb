// Floors: which reals they are computed of, and what the cache keeps. What metrics give is in unit_plugins_metrics.
#include "evaluate/floor.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr MetricNeeds of_both{SideNeed::rows, SideNeed::rows};
constexpr MetricNeeds of_fakes{SideNeed::nothing, SideNeed::rows};

using Rows = std::vector<double>;

Rows first_column(const FeatureMatrix* features) {
  Rows out;
  for (int64_t i = 0; features != nullptr && i < features->count(); ++i) {
    features->copy_row(i, 0, 1, &out.emplace_back());
  }
  return out;
}

// Remembers what it was given, and makes two numbers of it.
struct Witness final : Metric {
  MetricNeeds given;
  int64_t least = 1;                       // rows that it needs of the fakes
  std::string setting;                     // a parameter
  double factor = 1;                       // of its values
  mutable std::vector<Rows> reals, fakes;  // of each call

  explicit Witness(const MetricNeeds& needs) : given(needs) {}
  MetricNeeds needs() const override { return given; }
  std::vector<MetricOutput> outputs() const override { return {{"sum"}, {"greatest"}}; }
  std::vector<EvaluationRecord> evaluate(const EvaluationInput& input) const override {
    input.fake.rows->require_rows(least, "a witness");
    reals.push_back(first_column(input.real.rows));
    fakes.push_back(first_column(input.fake.rows));
    double sum = 0;
    for (const double value : fakes.back()) sum += value;
    return {record("sum", sum), record("greatest", std::ranges::max(fakes.back()))};
  }

  EvaluationRecord record(const std::string& name, double value) const {
    EvaluationRecord out;
    out.metric = name;
    out.value = factor * value;
    out.protocol.parameters = {{"setting", setting}};
    return out;
  }
};

// `count` rows whose first number tells which they are.
FeatureMatrix numbered(int64_t count, double from, const std::string& place) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.insert(values.end(), {from + static_cast<double>(i), 0.5});
  return FeatureMatrix::of(values, 2, place, {"values", "", "", ""});
}

std::vector<EvaluationRecord> scored(const std::shared_ptr<Witness>& witness, const SideData& real,
                                     const SideData& fake, const FloorCache* cache = nullptr, uint64_t seed = 0) {
  return evaluate(real, fake, {{"witness", witness}}, {.seed = seed, .floors = true, .cache = cache});
}

TEST(Floor, IsOfTwoDisjointSetsOfReals) {
  const auto witness = std::make_shared<Witness>(of_both);
  const auto records = scored(witness, numbered(100, 0, "real"), numbered(30, 1000, "fake"));
  ASSERT_EQ(witness->fakes.size(), 2u);
  const Rows &real_set = witness->reals[1], &fake_set = witness->fakes[1];
  EXPECT_EQ(real_set.size(), 30u);
  EXPECT_EQ(fake_set.size(), 30u);
  std::set<double> all(real_set.begin(), real_set.end());
  all.insert(fake_set.begin(), fake_set.end());
  EXPECT_EQ(all.size(), 60u) << "no real is in both, or twice in one";
  EXPECT_LT(*all.rbegin(), 100);
  EXPECT_FALSE(std::ranges::is_sorted(real_set)) << "they are drawn from all over";
  double sum = 0;
  for (const double value : fake_set) sum += value;
  EXPECT_EQ(records[0].floor, (Floor{sum, 30}));
  EXPECT_EQ(records[1].floor, (Floor{std::ranges::max(fake_set), 30}));
  EXPECT_THAT(records[0].warnings, IsEmpty());
}

TEST(Floor, HasHalfOfTheRealsWhereTheFakesAreMore) {
  const auto witness = std::make_shared<Witness>(of_both);
  EXPECT_EQ(scored(witness, numbered(51, 0, "real"), numbered(300, 1000, "fake"))[0].floor->n, 25);
}

TEST(Floor, IsDrawnAnewByEachSeed) {
  const auto witness = std::make_shared<Witness>(of_both);
  const SideData real = numbered(100, 0, "real"), fake = numbered(30, 1000, "fake");
  scored(witness, real, fake, nullptr, 1);
  scored(witness, real, fake, nullptr, 1);
  scored(witness, real, fake, nullptr, 2);
  EXPECT_EQ(witness->fakes[1], witness->fakes[3]);
  EXPECT_NE(witness->fakes[1], witness->fakes[5]);
}

TEST(Floor, OfAMetricOnFakesAloneIsThatOfOneSetOfReals) {
  const auto witness = std::make_shared<Witness>(of_fakes);
  scored(witness, numbered(100, 0, "real"), numbered(30, 1000, "fake"));
  ASSERT_EQ(witness->fakes.size(), 2u);
  EXPECT_THAT(witness->reals[1], IsEmpty());
  EXPECT_EQ(witness->fakes[1].size(), 30u);
  EXPECT_LT(std::ranges::max(witness->fakes[1]), 100);
}

TEST(Floor, IsOfImagesForMetricsOnImages) {
  const auto pictures = [](const std::string& place, int count) {
    Bytes bytes;
    for (int i = 0; i < 4 * count; ++i) bytes.push_back(static_cast<std::byte>(i / 4 + (place == "fake" ? 100 : 0)));
    return FeatureMatrix(count, Shape{2, 2, 1}, ElementType::u8, std::move(bytes), 0, place, {"pixels", "", "", ""});
  };
  SideData real = numbered(50, 1000, "real"), fake = numbered(20, 2000, "fake");
  real.images = pictures("real", 50);
  fake.images = pictures("fake", 20);
  const auto witness = std::make_shared<Witness>(MetricNeeds{SideNeed::images, SideNeed::images});
  EXPECT_EQ(scored(witness, real, fake)[0].floor->n, 20);
  EXPECT_LT(std::ranges::max(witness->fakes[1]), 50);
}

TEST(Floor, IsNotAskedForWhereItSaysNothing) {
  const SideData real = numbered(30, 0, "real"), fake = numbered(30, 1000, "fake");
  for (const MetricNeeds& needs : {MetricNeeds{SideNeed::rows, SideNeed::rows, false, false},
                                   MetricNeeds{SideNeed::rows, SideNeed::rows, true, true}}) {
    const auto witness = std::make_shared<Witness>(needs);
    const auto records = scored(witness, real, fake);
    EXPECT_EQ(records[0].floor, std::nullopt);
    EXPECT_THAT(records[0].warnings, IsEmpty());
    EXPECT_EQ(witness->fakes.size(), 1u);
  }
  const auto witness = std::make_shared<Witness>(of_both);
  EXPECT_EQ(evaluate(real, fake, {{"witness", witness}}, 0)[0].floor, std::nullopt) << "unless it is asked for";
}

TEST(Floor, NeedsTheRowsOfTheReals) {
  const auto witness = std::make_shared<Witness>(MetricNeeds{SideNeed::statistics, SideNeed::rows});
  const FeatureStatistics moments{40, {0, 0}, {1, 0, 0, 1}, {"values", "", "", ""}, "moments"};
  const auto records = scored(witness, moments, numbered(30, 1000, "fake"));
  EXPECT_EQ(records[0].floor, std::nullopt);
  EXPECT_EQ(witness->fakes.size(), 1u);
}

TEST(Floor, ThatCannotBeComputedIsAWarning) {
  const auto witness = std::make_shared<Witness>(of_both);
  witness->least = 20;
  const auto records = scored(witness, numbered(30, 0, "real"), numbered(30, 1000, "fake"));
  for (const EvaluationRecord& record : records) {
    EXPECT_EQ(record.floor, std::nullopt);
    EXPECT_THAT(record.warnings, ElementsAre("no floor: real: has 15 rows, and a witness needs 20 or more"));
  }
  EXPECT_THAT(scored(std::make_shared<Witness>(of_both), numbered(1, 0, "real"), numbered(3, 1000, "fake"))[0].warnings,
              ElementsAre("no floor: real: has 1 rows, and a floor needs 2 or more"));
  const auto narrow = FeatureMatrix::of(std::vector<double>{1, 2, 3}, 1, "fake");
  EXPECT_THAT(scored(std::make_shared<Witness>(of_fakes), numbered(9, 0, "real"), narrow)[0].warnings,
              ElementsAre("no floor: real: its examples have a width of 2, and those that are scored have 1"));
}

// ---- the cache

class Cache : public testing::Test {
 protected:
  // Whether the floor came from the cache: then the metric is asked only once.
  bool is_cached(const SideData& real, const SideData& fake, uint64_t seed = 0) {
    witness_->fakes.clear();
    records_ = scored(witness_, real, fake, &cache_, seed);
    return witness_->fakes.size() == 1;
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "a/b")) out.push_back(entry.path());
    return out;
  }

  const TemporaryFolder folder_;
  const FloorCache cache_{folder_.path() / "a/b"};
  const std::shared_ptr<Witness> witness_ = std::make_shared<Witness>(of_both);
  const SideData real_ = numbered(100, 0.1, "real");
  const SideData fake_ = numbered(30, 1000, "fake");
  std::vector<EvaluationRecord> records_;
};

TEST_F(Cache, KeepsFloorsToTheLastBit) {
  EXPECT_FALSE(is_cached(real_, fake_));
  const auto first = records_;
  EXPECT_TRUE(is_cached(real_, fake_));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(records_[i].floor, first[i].floor);
  EXPECT_TRUE(is_cached(real_, numbered(30, 5000, "other"))) << "the fakes do not matter, but for their number";
  EXPECT_TRUE(is_cached(numbered(100, 0.1, "renamed"), fake_)) << "neither does the name of the reals";
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(Cache, TellsApartAllThatMatters) {
  EXPECT_FALSE(is_cached(real_, fake_));
  EXPECT_FALSE(is_cached(real_, fake_, 1)) << "the seed";
  EXPECT_FALSE(is_cached(numbered(100, 0.2, "real"), fake_)) << "the content";
  EXPECT_FALSE(is_cached(real_, numbered(29, 1000, "fake"))) << "the number of examples";
  witness_->setting = "other";
  EXPECT_FALSE(is_cached(real_, fake_)) << "the parameters";
  EXPECT_EQ(files().size(), 5u);
  EXPECT_NE((FloorKey{"a", "m", "", 1, 2}.hex()), (FloorKey{"a", "n", "", 1, 2}.hex())) << "the metric";
  EXPECT_NE((FloorKey{"a", "m", "", 1, 2}.hex()), (FloorKey{"", "am", "", 1, 2}.hex()));
}

TEST_F(Cache, ComputesAnewWhatIsDamaged) {
  EXPECT_FALSE(is_cached(real_, fake_));
  const auto good = records_;
  const std::filesystem::path file = files().front();
  const std::string content = read_text(file);
  std::string other_key = content, no_number = content, one_missing = content;
  other_key.replace(other_key.find("\"key\": \"") + 8, 2, "zz");
  no_number.replace(no_number.find("\"sum\": ") + 7, 1, "\"x\",\"y\":");
  one_missing.replace(one_missing.find("\"sum\""), 5, "\"mus\"");
  for (const std::string& damage :
       {std::string(), std::string("{"), std::string("[1]"), content.substr(0, content.size() / 2), other_key,
        no_number, one_missing, std::string("{\"floors\":{}}"), std::string(1 << 21, ' ')}) {
    write_file_atomically(file, damage);
    EXPECT_FALSE(is_cached(real_, fake_)) << damage.substr(0, 100);
    EXPECT_EQ(records_[0].floor, good[0].floor);
    EXPECT_TRUE(is_cached(real_, fake_)) << "it was mended";
  }
}

TEST_F(Cache, IsNoErrorWhereItCannotBeWritten) {
  folder_.write("a", "a file where the folder should be");
  EXPECT_FALSE(is_cached(real_, fake_));
  EXPECT_NE(records_[0].floor, std::nullopt);
  EXPECT_THAT(records_[0].warnings, IsEmpty());
  EXPECT_FALSE(is_cached(real_, fake_));
}

}  // namespace
}  // namespace duel
