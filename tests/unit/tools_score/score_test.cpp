// The command `score`: the forms of a side, and what it prints. Its mistakes are in tests/error/cases.
#include <gmock/gmock.h>
#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/random.hpp"
#include "data/npy_header.hpp"
#include "plugins/register.hpp"
#include "tests/support/documented_record.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/score/side.hpp"

namespace duel {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Values = std::vector<double>;

class Score : public testing::Test {
 protected:
  void SetUp() override {
    write_npy("real.npy", {200, 4}, drawn(800, 1));
    write_npy("fake.npy", {150, 4}, drawn(600, 2));
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  void write_npy(const std::string& name, const std::vector<int64_t>& extents, const Values& values) const {
    std::string content = npy_header(ElementType::f64, extents);
    content.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
    folder_.write(name, content);
  }

  void write_dataset(const std::string& name, const Values& values, hid_t type) const {
    const hid_t file = H5Fcreate(path(name).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t extents[] = {values.size() / 2, 2};
    const hid_t space = H5Screate_simple(2, extents, nullptr);
    const hid_t group = H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t set = H5Dcreate2(group, "features", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    EXPECT_GE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    H5Dclose(set);
    H5Gclose(group);
    H5Sclose(space);
    EXPECT_GE(H5Fclose(file), 0);
  }

  static Values drawn(int64_t count, uint64_t seed) {
    RandomStream random(stream_key(seed, 0, "score"));
    Values values;
    for (int64_t i = 0; i < count; ++i) values.push_back(random.normal());
    return values;
  }

  std::string text(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "score");
    const ProgramEnd end = run_program(arguments, folder_.path(), {.cache = path("cache")});
    EXPECT_EQ(end.code, 0) << end.errors;
    EXPECT_EQ(end.errors, "");
    return end.output;
  }
  json records(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    return json::parse(text(arguments));
  }

  TemporaryFolder folder_;
};

SideData read(const std::string& name) {
  return read_side(name, {filled_registry<register_plugins>(), "REAL", std::nullopt}).data;
}

Values row_of(const SideData& side, int64_t row) {
  const FeatureMatrix& features = side.features.value();
  Values values(static_cast<std::size_t>(features.width()));
  features.copy_row(row, values.data());
  return values;
}

TEST_F(Score, PrintsATable) {
  const std::string table = text({"real.npy", "fake.npy", "--metrics", "fid,kid"});
  EXPECT_THAT(table, StartsWith("metric  value "));
  EXPECT_THAT(table, HasSubstr("\nfid  "));
  EXPECT_THAT(table, HasSubstr("\nkid  "));
  EXPECT_THAT(table, HasSubstr("\nwarning: kid: there are few samples: subsets have 150 rows instead of 1000\n"));
}

TEST_F(Score, PrintsRecordsAsJson) {
  const json list = records({"real.npy", "fake.npy", "--metrics", "fid,kid,prdc", "prdc.k=2", "kid.subsets=10"});
  ASSERT_EQ(list.size(), 6u);
  std::vector<std::string> metrics;
  for (const json& record : list) {
    metrics.push_back(record.at("metric"));
    EXPECT_EQ(record.at("n_real"), 200);
    EXPECT_EQ(record.at("n_fake"), 150);
    EXPECT_TRUE(record.at("value").is_number());
    EXPECT_EQ(record.at("protocol").at("features"), "values");
  }
  EXPECT_THAT(metrics, ElementsAre("fid", "kid", "precision", "recall", "density", "coverage"));
  EXPECT_EQ(list[1].at("protocol").at("parameters").at("subsets"), "10");
  EXPECT_GT(list[1].at("uncertainty"), 0.0);
  for (const std::size_t i : {2, 3, 4, 5}) EXPECT_EQ(list[i].at("protocol").at("parameters").at("k"), "2");
}

TEST_F(Score, HasTheDocumentedKeysWhateverIsKnown) {
  const json documented = documented_record();
  text({"real.npy", "fake.npy", "--save-real", "real.npz"});
  for (const std::string real : {"real.npy", "real.npz"}) {
    for (const json& record : records({real, "fake.npy"})) {
      EXPECT_EQ(keys_of(record), keys_of(documented));
      EXPECT_EQ(keys_of(record.at("protocol")), keys_of(documented.at("protocol")));
    }
  }
  for (const json& record : records({"real.npy", "fake.npy", "--metrics", "kid,prdc"})) {
    EXPECT_EQ(keys_of(record), keys_of(documented));
  }
}

TEST_F(Score, DependsOnTheSeedAndNotOnThreads) {
  const std::vector<std::string> scored{"real.npy", "fake.npy", "--metrics", "fid,fid_infinity,kid,prdc",
                                        "kid.subset_size=50"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), scored.begin(), scored.end());
    return records(more);
  };
  const json one = with({"--threads", "1"});
  EXPECT_EQ(one, with({"--threads", "2"}));
  EXPECT_EQ(one, with({"--seed", "0"}));
  const json other = with({"--seed", "1"});
  EXPECT_EQ(one[0].at("value"), other[0].at("value")) << "FID draws nothing";
  EXPECT_NE(one[0].at("floor"), other[0].at("floor")) << "its floor does";
  EXPECT_NE(one[1].at("value"), other[1].at("value"));
  EXPECT_NE(one[2].at("value"), other[2].at("value"));
}

TEST_F(Score, ReadsTheStatisticsThatItSaves) {
  const json first = records({"real.npy", "fake.npy", "--no-floor", "--save-real", "real.h5"});
  EXPECT_EQ(records({"real.h5", "fake.npy", "--save-real", "real.npz"}), first);
  const json from_npz = records({"real.npz", "fake.npy"});
  EXPECT_EQ(from_npz[0].at("value"), first[0].at("value"));
  EXPECT_TRUE(from_npz[0].at("n_real").is_null());
}

TEST_F(Score, SavesTheStatisticsOfRealsThatNothingIsComparedWith) {
  EXPECT_EQ(text({"real.npy", "--save-real", "alone.h5"}), "written to alone.h5\n");
  text({"real.npy", "fake.npy", "--no-floor", "--save-real", "beside.h5"});
  EXPECT_EQ(read_file(path("alone.h5")), read_file(path("beside.h5")));
}

TEST_F(Score, TakesTheStatisticsOfShardsThatAreJoined) {
  const Values values = drawn(800, 1);
  write_npy("one.npy", {120, 4}, {values.begin(), values.begin() + 480});
  write_npy("two.npy", {80, 4}, {values.begin() + 480, values.end()});
  const auto run = [&](const std::vector<std::string>& arguments) {
    const ProgramEnd end = run_program(arguments, folder_.path());
    EXPECT_EQ(end.code, 0) << end.errors;
    return end.output;
  };
  run({"statistics", "two.npy", "-o", "two.h5"});
  EXPECT_EQ(run({"statistics", "one.npy", "two.h5", "-o", "all.h5"}), "written to all.h5: 200 samples of 4 features\n");
  const json whole = records({"real.npy", "fake.npy", "--no-floor"})[0], parts = records({"all.h5", "fake.npy"})[0];
  EXPECT_NEAR(parts.at("value").get<double>(), whole.at("value").get<double>(), 1e-12);
  EXPECT_EQ(parts.at("n_real"), 200);
  EXPECT_EQ(parts.at("protocol"), whole.at("protocol"));
}

TEST_F(Score, OfASideToItselfIsNothing) {
  const json list = records({"real.npy", "real.npy"});
  EXPECT_GE(list[0].at("value").get<double>(), 0);
  EXPECT_LT(list[0].at("value").get<double>(), 1e-12);
}

TEST_F(Score, LaysArraysOfManyChannelsIntoRows) {
  write_npy("maps.npy", {2, 1, 1, 5}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  const SideData side = read(path("maps.npy"));
  EXPECT_THAT(row_of(side, 1), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_EQ(side.features->origin().name, "values");
  EXPECT_EQ(side.features->origin().preprocessing, "flattened");
  EXPECT_FALSE(side.images);
}

TEST_F(Score, GivesEachRecordAFloorUnlessToldNotTo) {
  const std::vector<std::string> scored{"real.npy", "fake.npy", "--metrics", "fid,prdc"};
  const json list = records(scored);
  for (const json& record : list) {
    EXPECT_TRUE(record.at("floor").is_number()) << record;
    EXPECT_EQ(record.at("floor_n"), 100) << "half of the reals, as the fakes are more";
    EXPECT_EQ(record.at("floor_seed"), 0);
  }
  EXPECT_LT(list[0].at("floor").get<double>(), 1);
  const auto files = [&] {
    const std::filesystem::directory_iterator all(path("cache/duel/floors"));
    return std::distance(begin(all), end(all));
  };
  EXPECT_EQ(files(), 2) << "one a metric";
  EXPECT_EQ(records(scored), list) << "from the cache";
  EXPECT_EQ(files(), 2);

  auto without = scored;
  without.push_back("--no-floor");
  json expected = list;
  for (json& record : expected) {
    for (const char* key : {"floor", "floor_n", "floor_seed"}) record[key] = nullptr;
  }
  EXPECT_EQ(records(without), expected);
}

// Tests must neither fill nor believe the caches of whoever runs them.
TEST_F(Score, LeavesTheUsersCacheAloneInTests) {
  const char* const before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before != nullptr ? before : "";
  ASSERT_EQ(setenv("XDG_CACHE_HOME", path("users").c_str(), 1), 0);
  EXPECT_EQ(run_program({"score", "real.npy", "fake.npy"}, folder_.path()).code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("users")));
  if (before != nullptr) {
    setenv("XDG_CACHE_HOME", kept.c_str(), 1);
  } else {
    unsetenv("XDG_CACHE_HOME");
  }
}

TEST_F(Score, NamesAllMetricsInItsHelp) {
  const std::string help = run_program({"score", "--help"}, folder_.path()).output;
  for (const std::string& kind : filled_registry<register_plugins>().metrics.kinds())
    EXPECT_THAT(help, HasSubstr(kind));
}

TEST_F(Score, TakesImagesWithTheirHeightWidthAndChannels) {
  for (const std::string name : {"real.npy", "fake.npy"}) {
    Values pixels = drawn(6 * 32 * 33 * 3, name == "real.npy" ? 1 : 2);
    for (double& pixel : pixels) pixel = std::clamp(pixel * 40 + 128, 0.0, 255.0);
    write_npy(name, {6, 32, 33, 3}, pixels);
  }
  const json list =
      records({"real.npy", "fake.npy", "--metrics", "sliced_wasserstein,ms_ssim,psnr,ssim,l1,perceptual_distance",
               "sliced_wasserstein.levels=[32,16]", "sliced_wasserstein.patches=10"});
  std::vector<std::string> metrics;
  for (const json& record : list) {
    metrics.push_back(record.at("metric"));
    EXPECT_GT(record.at("value"), 0.0) << record;
    EXPECT_EQ(record.at("n_fake"), 6);
    EXPECT_EQ(record.at("warnings"), json::array());
  }
  EXPECT_THAT(metrics, ElementsAre("sliced_wasserstein", "sliced_wasserstein.32", "sliced_wasserstein.16", "ms_ssim",
                                   "psnr", "ssim", "l1", "perceptual_distance"));
  EXPECT_EQ(list[3].at("n_real"), nullptr) << "ms_ssim compares fakes with one another";
}

TEST_F(Score, TakesALoneNumberAnExampleAsAColumn) {
  write_npy("numbers.npy", {3}, {4, 5, 6});
  EXPECT_THAT(row_of(read(path("numbers.npy")), 2), ElementsAre(6));
}

// As exact as they are stored: float32 would round these.
TEST_F(Score, ReadsDatasetsExactly) {
  const Values values{0.1, 1e-300, 16777217, 3};
  write_dataset("doubles.h5", values, H5T_IEEE_F64LE);
  EXPECT_THAT(row_of(read(path("doubles.h5:/group/features")), 0), ElementsAre(0.1, 1e-300));
  EXPECT_THAT(row_of(read(path("doubles.h5:/group/features")), 1), ElementsAre(16777217, 3));
  write_dataset("integers.h5", {1, 2, 16777217, 3}, H5T_STD_I32LE);
  EXPECT_THAT(row_of(read(path("integers.h5:/group/features")), 1), ElementsAre(16777217, 3));
  write_dataset("floats.h5", values, H5T_IEEE_F32LE);
  EXPECT_THAT(row_of(read(path("floats.h5:/group/features")), 0), ElementsAre(0.1f, 0.0));
}

}  // namespace
}  // namespace duel
