// Means and covariances, and the files they go to.
#include "evaluate/statistics.hpp"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <cstring>
#include <functional>
#include <limits>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "data/npy_header.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

std::vector<double> drawn(int64_t count, double shift = 0) {
  RandomStream random(stream_key(7, 0, "statistics"));
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(random.normal() + shift);
  return values;
}

TEST(Statistics, OfThreePointsAreThoseOfTheFormula) {
  // Columns {1, 2, 6} and {0, 3, 3}: means 3 and 2; sums of squares 14 and 6, of products 6.
  const auto statistics = statistics_of(FeatureMatrix::of(std::vector<double>{1, 0, 2, 3, 6, 3}, 2));
  EXPECT_EQ(statistics.count, 3);
  EXPECT_THAT(statistics.mean, ElementsAre(DoubleEq(3), DoubleEq(2)));
  EXPECT_THAT(statistics.covariance, ElementsAre(DoubleEq(7), DoubleEq(3), DoubleEq(3), DoubleEq(3)));
}

TEST(Statistics, SurviveALargeOffset) {
  const auto near = statistics_of(FeatureMatrix::of(drawn(4000), 4));
  const auto far = statistics_of(FeatureMatrix::of(drawn(4000, 1e6), 4));
  EXPECT_THAT(far.covariance, Pointwise(DoubleNear(1e-8), near.covariance));
}

// A plain second way, over more rows and columns than a block has.
TEST(Statistics, OfManyBlocksAreThoseOfTheFormula) {
  constexpr int64_t count = 1100, width = 300;
  const std::vector<double> values = drawn(count * width, 0.5);
  const auto statistics = statistics_of(FeatureMatrix::of(values, width));
  for (const auto& [a, b] : {std::pair{0, 0}, {0, 299}, {255, 256}, {256, 255}, {299, 17}}) {
    long double mean_a = 0, mean_b = 0, product = 0;
    for (int64_t i = 0; i < count; ++i) {
      mean_a += values[static_cast<std::size_t>(i * width + a)];
      mean_b += values[static_cast<std::size_t>(i * width + b)];
    }
    mean_a /= count;
    mean_b /= count;
    for (int64_t i = 0; i < count; ++i) {
      product += (values[static_cast<std::size_t>(i * width + a)] - mean_a) *
                 (values[static_cast<std::size_t>(i * width + b)] - mean_b);
    }
    EXPECT_NEAR(statistics.covariance[static_cast<std::size_t>(a * width + b)],
                static_cast<double>(product / (count - 1)), 1e-13);
  }
}

TEST(Statistics, OfBatchesAndOfShardsAreThoseOfTheWhole) {
  constexpr int64_t width = 5;
  const std::vector<double> values = drawn(1000 * width, 3);
  const std::span<const double> all(values);
  StatisticsAccumulator batches(width), left(width), right(width);
  for (std::size_t begin = 0; begin < 1000; begin += 300) {
    const std::size_t rows = std::min<std::size_t>(300, 1000 - begin);
    const auto batch = FeatureMatrix::of(all.subspan(begin * width, rows * width), width);
    batches.add(batch);
    (begin < 600 ? left : right).add(batch);
  }
  left.merge(right);
  left.merge(StatisticsAccumulator(width));  // nothing
  const auto whole = statistics_of(FeatureMatrix::of(values, width));
  for (const auto& parts : {batches.statistics("batches"), left.statistics("shards")}) {
    EXPECT_EQ(parts.count, 1000);
    EXPECT_THAT(parts.mean, Pointwise(DoubleNear(1e-13), whole.mean));
    EXPECT_THAT(parts.covariance, Pointwise(DoubleNear(1e-13), whole.covariance));
  }
}

TEST(Statistics, OfShardsAreJoinedToThoseOfTheWhole) {
  constexpr int64_t width = 5;
  const std::vector<double> values = drawn(1000 * width, 3);
  const std::span<const double> all(values);
  const auto shard = [&](std::size_t begin, std::size_t rows) {
    return statistics_of(FeatureMatrix::of(all.subspan(begin * width, rows * width), width));
  };
  auto joined = shard(0, 2);
  join_statistics(joined, shard(2, 700));
  join_statistics(joined, shard(702, 298));
  const auto whole = statistics_of(FeatureMatrix::of(values, width));
  EXPECT_EQ(joined.count, 1000);
  EXPECT_THAT(joined.mean, Pointwise(DoubleNear(1e-13), whole.mean));
  EXPECT_THAT(joined.covariance, Pointwise(DoubleNear(1e-13), whole.covariance));
}

TEST(Statistics, OfUnlikeFeaturesAreNotJoined) {
  auto first = statistics_of(FeatureMatrix::of(drawn(60), 3, "a.npy", {"pixels", "abc", "none", "train"}));
  const auto refused = [&](const std::function<void(FeatureStatistics&)>& change) {
    FeatureStatistics other = first;
    other.place = "b.npy";
    change(other);
    return refusal_of([&] { join_statistics(first, other); });
  };
  EXPECT_THAT(refused([](auto& other) { other.count.reset(); }),
              HasSubstr("b.npy: does not say of how many samples its statistics are"));
  EXPECT_THAT(
      refused([](auto& other) { other.mean.push_back(0); }),
      HasSubstr("b.npy: its features have a width of 4, and those of a.npy have 3; join statistics of the same"));
  EXPECT_THAT(refused([](auto& other) { other.origin.name = "values"; }),
              HasSubstr("b.npy: its kind of features is 'values', and that of a.npy is 'pixels'"));
  EXPECT_THAT(refused([](auto& other) { other.origin.hash = ""; }),
              HasSubstr("weights is not known, and that of a.npy is 'abc'"));
  EXPECT_THAT(refused([](auto& other) { other.origin.preprocessing = "size 8"; }),
              HasSubstr("preprocessing is 'size 8'"));
  EXPECT_THAT(refused([](auto& other) { other.origin.split = "test"; }), HasSubstr("split is 'test'"));
  EXPECT_EQ(refused([](auto&) {}), "accepted");
  EXPECT_EQ(first.count, 40);
}

TEST(Statistics, AreTheSameBitsOnAnyNumberOfThreads) {
  const auto features = FeatureMatrix::of(drawn(2000 * 300), 300);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    pool.run([&] { results.push_back(statistics_of(features).covariance); });
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Statistics, NeedTwoRows) {
  const auto one = FeatureMatrix::of(std::vector<double>{1, 2}, 2, "one.npy");
  EXPECT_EQ(refusal_of([&] { statistics_of(one); }), "one.npy: has 1 rows, and a covariance needs 2 or more");
  const auto wide = FeatureMatrix::of(std::vector<double>(2 * 16385), 16385, "wide.npy");
  EXPECT_THAT(refusal_of([&] { statistics_of(wide); }), HasSubstr("16385 features is more than"));
}

TEST(Features, ThatAreNotFiniteAreNamed) {
  std::vector<double> values(3000 * 3, 1.0);
  values[2000 * 3 + 1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal_of([&] { FeatureMatrix::of(values, 3, "a.npy"); }),
            "a.npy: the feature in row 2000, column 1 (counted from 0) is not finite");
  values[2] = -std::numeric_limits<double>::infinity();  // the first is named
  EXPECT_THAT(refusal_of([&] { FeatureMatrix::of(values, 3, "a.npy"); }), HasSubstr("row 0, column 2"));
  EXPECT_EQ(refusal_of([] { FeatureMatrix::of({}, 3, "a.npy"); }), "a.npy: is empty: 0 rows of 3 numbers");
}

TEST(Features, OfAnyTypeAreReadAsDoubles) {
  Bytes bytes(7);
  const uint8_t values[] = {9, 1, 2, 3, 4, 5, 255};
  std::memcpy(bytes.data(), values, sizeof values);
  const FeatureMatrix features(3, {2}, ElementType::u8, bytes, 1, "u8", {});
  std::vector<double> row(2);
  features.copy_row(2, row.data());
  EXPECT_THAT(row, ElementsAre(5, 255));
  const std::vector<int64_t> order{2, 0};
  features.select(order).copy_row(1, 1, 1, row.data());
  EXPECT_EQ(row[0], 2);
}

class StatisticsFile : public testing::Test {
 protected:
  FeatureStatistics written(const std::string& name, const FeatureStatistics& statistics) const {
    const auto file = folder_.path() / name;
    write_statistics(file, statistics);
    return read_statistics(file);
  }
  TemporaryFolder folder_;
  FeatureStatistics statistics_ = [] {
    auto out = statistics_of(FeatureMatrix::of(drawn(60), 3));
    out.origin = {"pixels", "abc", "flattened", "test"};
    return out;
  }();
};

TEST_F(StatisticsFile, OfHdf5HoldsEverything) {
  const auto read = written("real.h5", statistics_);
  EXPECT_EQ(read.count, 20);
  EXPECT_EQ(read.mean, statistics_.mean);
  EXPECT_EQ(read.covariance, statistics_.covariance);
  EXPECT_EQ(read.origin.name, "pixels");
  EXPECT_EQ(read.origin.hash, "abc");
  EXPECT_EQ(read.origin.preprocessing, "flattened");
  EXPECT_EQ(read.origin.split, "test");
}

TEST_F(StatisticsFile, OfNpzHoldsTheNumbersAlone) {
  const auto read = written("real.npz", statistics_);
  EXPECT_EQ(read.count, std::nullopt);
  EXPECT_EQ(read.mean, statistics_.mean);
  EXPECT_EQ(read.covariance, statistics_.covariance);
  EXPECT_EQ(read.origin.name, "");
}

TEST_F(StatisticsFile, OfEqualStatisticsIsEqualBytes) {
  for (const std::string name : {"real.npz", "real.h5"}) {
    write_statistics(folder_.path() / name, statistics_);
    const Bytes first = read_file(folder_.path() / name);
    write_statistics(folder_.path() / name, statistics_);
    EXPECT_EQ(read_file(folder_.path() / name), first) << name;
  }
}

// By numpy.savez and numpy.load, where Python is at hand.
TEST_F(StatisticsFile, OfNpzIsSharedWithNumpy) {
  const auto file = folder_.path() / "real.npz";
  write_statistics(file, statistics_);
  const std::string script =
      "import sys, numpy; a = numpy.load(sys.argv[1]); assert a['sigma'].shape == (3, 3); "
      "numpy.savez_compressed(sys.argv[2], mu=a['mu'] * 2, sigma=numpy.asfortranarray(a['sigma']).astype('>f4'))";
  const auto again = folder_.path() / "again.npz";
  const auto command = "/usr/bin/python3 -c \"" + script + "\" " + file.string() + " " + again.string();
  if (std::system("/usr/bin/python3 -c 'import numpy' 2> /dev/null") != 0) GTEST_SKIP() << "needs numpy";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto read = read_statistics(again);
  EXPECT_EQ(read.mean[2], 2 * statistics_.mean[2]);
  EXPECT_FLOAT_EQ(static_cast<float>(read.covariance[5]), static_cast<float>(statistics_.covariance[5]));
}

TEST_F(StatisticsFile, ThatIsNoneIsRefused) {
  auto broken = statistics_;
  broken.covariance[1] += 1;
  EXPECT_THAT(refusal_of([&] { written("a.h5", broken); }), HasSubstr("a.h5: sigma is not symmetric at (1, 0)"));
  broken = statistics_;
  broken.mean[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refusal_of([&] { written("a.npz", broken); }), HasSubstr("a.npz: mu is not finite"));
  broken = statistics_;
  broken.covariance[0] = -1;
  EXPECT_THAT(refusal_of([&] { written("a.npz", broken); }), HasSubstr("variance 0 is -1"));
  folder_.write("text.h5", "nothing of the kind");
  EXPECT_THAT(refusal_of([&] { read_statistics(folder_.path() / "text.h5"); }), HasSubstr("text.h5: cannot open"));
  folder_.write("text.npz", "nothing of the kind");
  EXPECT_THAT(refusal_of([&] { read_statistics(folder_.path() / "text.npz"); }), HasSubstr("text.npz: is neither"));
  EXPECT_THAT(refusal_of([&] { read_statistics(folder_.path() / "none.h5"); }), HasSubstr("none.h5: cannot read"));
}

// So large that the number of its bytes overflows: what is not stored must not be asked for.
TEST_F(StatisticsFile, OfAnImpossibleSizeIsRefused) {
  const auto path = folder_.path() / "giant.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t extents[] = {hsize_t{1} << 31, hsize_t{1} << 30}, chunk[] = {2, 2};
  H5Pset_chunk(chunked, 2, chunk);
  const hid_t space = H5Screate_simple(2, extents, nullptr);
  for (const char* name : {"mu", "sigma"}) {
    const hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, chunked, H5P_DEFAULT);
    EXPECT_GE(set, 0);
    H5Dclose(set);
  }
  H5Sclose(space);
  H5Pclose(chunked);
  EXPECT_GE(H5Fclose(file), 0);
  EXPECT_THAT(refusal_of([&] { read_statistics(path); }), HasSubstr("giant.h5: 'mu' has an impossible size"));
}

TEST_F(StatisticsFile, ThatIsCutShortIsRefused) {
  for (const std::string name : {"a.h5", "a.npz"}) {
    const auto file = folder_.path() / name;
    write_statistics(file, statistics_);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 3);
    EXPECT_NE(refusal_of([&] { read_statistics(file); }), "accepted") << name;
  }
}

TEST(NpyHeader, ThatIsWrittenIsReadAgain) {
  const std::vector<int64_t> extents{3, 4};
  const std::string text = npy_header(ElementType::f64, extents);
  EXPECT_EQ(text.size() % 64, 0u);
  const auto header = parse_npy_header(std::as_bytes(std::span(text)), "a.npy");
  EXPECT_EQ(header.type, ElementType::f64);
  EXPECT_EQ(header.extents, extents);
  EXPECT_EQ(header.size, text.size());
}

}  // namespace
}  // namespace duel
