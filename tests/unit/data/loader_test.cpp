// Batches: complete epochs, the same whatever is prefetched and from wherever one starts.
#include "data/loader.hpp"

#include <gmock/gmock.h>

#include <numeric>
#include <set>

#include "base/error.hpp"
#include "fake_dataset.hpp"
#include "tests/support/refusal.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

std::shared_ptr<CountingDataset> counting(std::optional<int64_t> size) {
  return std::make_shared<CountingDataset>(size);
}

std::vector<int64_t> draw(Loader& loader, int64_t batches) {
  std::vector<int64_t> indices;
  for (int64_t b = 0; b < batches; ++b) {
    const auto more = indices_of(loader.next());
    indices.insert(indices.end(), more.begin(), more.end());
  }
  return indices;
}

// All values of a number of batches, for comparison bit by bit.
std::vector<std::vector<float>> record(Loader& loader, int64_t batches) {
  std::vector<std::vector<float>> values;
  for (int64_t b = 0; b < batches; ++b) {
    for (const auto field : loader.next().fields) values.emplace_back(field.begin(), field.end());
  }
  return values;
}

std::vector<int64_t> sorted(std::vector<int64_t> values) {
  std::ranges::sort(values);
  return values;
}

std::vector<int64_t> range(int64_t size) {
  std::vector<int64_t> values(static_cast<std::size_t>(size));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

TEST(Loader, EveryShuffledEpochHoldsEachExampleOnceInAnotherOrder) {
  Loader loader(counting(103), {.batch = 10, .last = LastBatch::keep, .seed = 5});
  EXPECT_EQ(loader.batches_per_epoch(), 11);
  EXPECT_EQ(loader.rows(10), 3);
  const auto first = draw(loader, 11);
  const auto second = draw(loader, 11);
  EXPECT_EQ(sorted(first), range(103));
  EXPECT_EQ(sorted(second), range(103));
  EXPECT_NE(first, second);
  EXPECT_NE(first, range(103));
}

TEST(Loader, TheOddBatchIsDroppedWhenAskedTo) {
  Loader loader(counting(103), {.batch = 10, .order = Order::sequential, .last = LastBatch::drop});
  EXPECT_EQ(loader.batches_per_epoch(), 10);
  EXPECT_EQ(draw(loader, 10), range(100));
  EXPECT_EQ(indices_of(loader.next()), range(10));
}

TEST(Loader, SequentialKeepsTheOddBatch) {
  Loader loader(counting(25), {.batch = 10, .order = Order::sequential, .last = LastBatch::keep});
  EXPECT_EQ(draw(loader, 3), range(25));
  EXPECT_EQ(draw(loader, 3), range(25));
}

TEST(Loader, PrefetchChangesNothing) {
  for (const Order order : {Order::shuffled, Order::sequential, Order::replacement}) {
    LoaderOptions options{.batch = 7, .order = order, .last = LastBatch::keep, .seed = 9};
    options.transforms = {std::make_shared<Jitter>(), std::make_shared<Jitter>()};
    options.prefetch = 0;
    Loader plain(counting(50), options);
    const auto expected = record(plain, 40);
    for (const int prefetch : {1, 2, 5}) {
      options.prefetch = prefetch;
      Loader ahead(counting(50), options);
      EXPECT_EQ(record(ahead, 40), expected) << "prefetch " << prefetch;
    }
  }
}

TEST(Loader, SeekGivesWhatAnUninterruptedTrainingWouldSee) {
  for (const Order order : {Order::shuffled, Order::sequential, Order::replacement}) {
    for (const int prefetch : {0, 3}) {
      LoaderOptions options{.batch = 7, .order = order, .last = LastBatch::keep, .seed = 9, .prefetch = prefetch};
      options.transforms = {std::make_shared<Jitter>()};
      Loader whole(counting(50), options);
      record(whole, 13);
      const auto expected = record(whole, 9);
      Loader resumed(counting(50), options);
      resumed.seek(13);
      EXPECT_EQ(record(resumed, 9), expected);
      resumed.seek(13);  // back again, with batches made ahead
      EXPECT_EQ(resumed.next().number, 13);
      resumed.seek(13);
      EXPECT_EQ(record(resumed, 9), expected);
    }
  }
}

TEST(Loader, SeedsShuffleDifferentlyAndReproducibly) {
  const auto order_of = [](uint64_t seed) {
    Loader loader(counting(64), {.batch = 64, .seed = seed});
    return indices_of(loader.next());
  };
  EXPECT_EQ(order_of(1), order_of(1));
  EXPECT_NE(order_of(1), order_of(2));
}

TEST(Loader, RandomTransformsDifferBetweenEpochsAndRows) {
  LoaderOptions options{.batch = 50, .order = Order::sequential};
  options.transforms = {std::make_shared<Jitter>()};
  Loader loader(counting(50), options);
  std::set<float> shifts;
  for (int epoch = 0; epoch < 2; ++epoch) {
    const Batch& batch = loader.next();
    for (std::size_t row = 0; row < 50; ++row) shifts.insert(batch.fields[0][2 * row] - static_cast<float>(row));
  }
  EXPECT_GT(shifts.size(), 95u);
}

TEST(Loader, ReplacementDrawsEveryExampleAboutEquallyOften) {
  Loader loader(counting(10), {.batch = 1000, .order = Order::replacement, .seed = 3});
  EXPECT_EQ(loader.rows(123), 1000);
  std::vector<int> counts(10);
  for (const int64_t index : draw(loader, 10)) ++counts[static_cast<std::size_t>(index)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 5 * std::sqrt(900.0));
}

TEST(Loader, ThePartsOfASplitAreDisjointAndComplete) {
  constexpr int64_t size = 2000;
  LoaderOptions options{.batch = 1, .order = Order::sequential, .test_share = 0.25, .split_seed = 11};
  Loader training(counting(size), options);
  options.test = true;
  options.seed = 77;  // the experiment's seed does not move the split
  Loader test(counting(size), options);
  ASSERT_EQ(*training.examples() + *test.examples(), size);
  EXPECT_NEAR(static_cast<double>(*test.examples()), 0.25 * size, 5 * std::sqrt(0.25 * 0.75 * size));
  auto both = draw(training, *training.examples());
  const auto held_out = draw(test, *test.examples());
  for (const int64_t index : held_out) EXPECT_TRUE(in_test_split(11, 0.25, index));
  both.insert(both.end(), held_out.begin(), held_out.end());
  EXPECT_EQ(sorted(both), range(size));
}

TEST(Loader, AnotherSplitSeedHoldsOutOtherExamplesAndALargerShareAddsToThem) {
  int moved = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    moved += in_test_split(1, 0.2, i) != in_test_split(2, 0.2, i) ? 1 : 0;
    EXPECT_LE(in_test_split(1, 0.2, i), in_test_split(1, 0.4, i));
  }
  EXPECT_GT(moved, 200);
}

TEST(Loader, DataWithoutEndNeverRepeatsAndItsTestPartIsItsOwn) {
  LoaderOptions options{.batch = 100, .order = Order::sequential};
  Loader sequential(counting(std::nullopt), options);
  EXPECT_EQ(sequential.examples(), std::nullopt);
  EXPECT_EQ(sequential.batches_per_epoch(), std::nullopt);
  EXPECT_EQ(draw(sequential, 3), range(300));
  options.test = true;
  Loader test(counting(std::nullopt), options);
  EXPECT_GT(indices_of(test.next()).front(), int64_t{1} << 46);
  options = {.batch = 100, .seed = 4};
  Loader shuffled(counting(std::nullopt), options);
  const auto indices = draw(shuffled, 10);
  // Float rounds such indices to 2^23 neighbours; repeats among 1,000 of 2^47 would still be chance of 1 in 30.
  EXPECT_GE(std::set<int64_t>(indices.begin(), indices.end()).size(), 998u);
}

TEST(Loader, AFailureOfTheBackgroundThreadComesAtItsBatch) {
  for (const int prefetch : {0, 1, 4}) {
    const auto dataset = counting(100);
    dataset->broken = 35;
    Loader loader(dataset, {.batch = 10, .order = Order::sequential, .prefetch = prefetch});
    EXPECT_EQ(draw(loader, 3), range(30));
    EXPECT_THROW(loader.next(), std::runtime_error);
    EXPECT_THROW(loader.next(), std::runtime_error);
    dataset->broken = -1;
    loader.seek(3);
    EXPECT_EQ(indices_of(loader.next()).front(), 30);
  }
}

TEST(Loader, EndsWhileBatchesAreBeingMade) {
  for (int i = 0; i < 50; ++i) {
    Loader loader(counting(1000), {.batch = 50, .prefetch = 4});
    loader.next();
    if (i % 2 == 0) loader.seek(i);
  }
}

std::string loader_refusal(std::optional<int64_t> size, const LoaderOptions& options) {
  return refusal_of([&] { const Loader loader(counting(size), options); }, ExitCode::experiment);
}

TEST(Loader, RefusesEmptyPartsAndBatchesThatAreTooLarge) {
  EXPECT_THAT(loader_refusal(10, {.batch = 11}), HasSubstr("a batch of 11 is more than the 10 examples"));
  EXPECT_EQ(loader_refusal(10, {.batch = 11, .last = LastBatch::keep}), "accepted");
  EXPECT_EQ(loader_refusal(10, {.batch = 11, .order = Order::replacement}), "accepted");
  EXPECT_THAT(loader_refusal(10, {.batch = 1, .test = true}), HasSubstr("the test part of the data is empty"));
  EXPECT_THAT(loader_refusal(10, {.batch = 1, .test_share = 1}), HasSubstr("the training part of the data is empty"));
}

// Copies of an example must not be trained on and tested on.
TEST(Loader, SplitsByContentSoThatCopiesStayTogether) {
  const auto dataset = counting(1000);
  dataset->different = 100;
  const auto part = [&](bool test) {
    Loader loader(dataset, {.batch = 1,
                            .order = Order::sequential,
                            .test_share = 0.3,
                            .split_seed = 4,
                            .split_by = SplitBy::content,
                            .test = test});
    return draw(loader, *loader.batches_per_epoch());
  };
  const auto train = part(false), test = part(true);
  EXPECT_EQ(train.size() + test.size(), 1000u);
  EXPECT_NEAR(static_cast<double>(test.size()), 300, 140);  // 3 standard deviations of 100 contents
  std::set<int64_t> contents;
  for (const int64_t index : test) contents.insert(index % 100);
  for (const int64_t index : train) EXPECT_FALSE(contents.contains(index % 100)) << index;
}

TEST(Dataset, KeysAreOfWhatIsNoLabel) {
  class Plain final : public Dataset {
   public:
    const std::vector<Field>& fields() const override { return fields_; }
    std::optional<int64_t> size() const override { return 4; }
    void read(int64_t index, std::span<float* const> out) const override {
      *out[0] = static_cast<float>(index % 2);
      *out[1] = static_cast<float>(index);
    }
    std::string fingerprint() const override { return ""; }

   private:
    std::vector<Field> fields_{{"point", {1}, 0}, {"label", {}, 4}};
  };
  const Plain dataset;
  EXPECT_EQ(dataset.content_key(0), dataset.content_key(2));
  EXPECT_NE(dataset.content_key(0), dataset.content_key(1));
}

}  // namespace
}  // namespace duel
