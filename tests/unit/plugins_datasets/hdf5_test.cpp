// HDF5 files written with the library itself: good ones, and each trick that must be refused.
#include <hdf5.h>

#include <fstream>
#include <functional>
#include <numeric>

#include "open_dataset.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

using Dims = std::vector<hsize_t>;

class Hdf5 : public testing::Test {
 protected:
  std::filesystem::path make(const std::function<void(hid_t)>& fill, const std::string& name = "f.h5") const {
    const std::filesystem::path path = folder_.path() / name;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    fill(file);
    H5Fclose(file);
    H5Pclose(access);
    return path;
  }
  static std::string yaml(const std::filesystem::path& path, const std::string& fields) {
    return "hdf5: {path: " + path.string() + ", " + fields + "}";
  }
  std::string refused(const std::function<void(hid_t)>& fill, const std::string& fields = "point: x") const {
    return refusal_of(yaml(make(fill), fields));
  }
  TemporaryFolder folder_;
};

// Writes 0, 1, 2, … with the creation properties that `adjust` sets.
void add(hid_t at, const char* name, const Dims& dims, hid_t type = H5T_IEEE_F32LE,
         const std::function<void(hid_t)>& adjust = {}, bool write = true) {
  const hid_t space = H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  if (adjust) adjust(properties);
  const hid_t dataset = H5Dcreate2(at, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  ASSERT_GE(dataset, 0);
  if (write) {
    std::vector<float> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    std::iota(values.begin(), values.end(), 0.0f);
    ASSERT_GE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  }
  H5Dclose(dataset);
  H5Pclose(properties);
  H5Sclose(space);
}

TEST_F(Hdf5, ReadsImagesPointsAndLabels) {
  const auto path = make([](hid_t file) {
    const hid_t group = H5Gcreate2(file, "train", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    add(group, "images", {3, 2, 2, 1}, H5T_STD_U8LE);
    add(group, "points", {3, 2}, H5T_IEEE_F64BE);
    add(group, "labels", {3}, H5T_STD_I64LE);
    H5Gclose(group);
  });
  const auto dataset = open_dataset(yaml(path, "image: /train/images, point: train/points, label: train/labels"));
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {2, 2, 1}, 0}, {"point", {2}, 0}, {"label", {}, 3}}));
  EXPECT_EQ(read_example(*dataset, 2), (std::vector<std::vector<float>>{{8, 9, 10, 11}, {4, 5}, {2}}));
}

TEST_F(Hdf5, ReadsChunkedAndCompressedArrays) {
  const auto path = make([](hid_t file) {
    add(file, "x", {100, 7}, H5T_IEEE_F32LE, [](hid_t properties) {
      const Dims chunk{16, 7};
      H5Pset_chunk(properties, 2, chunk.data());
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 6);
      H5Pset_fletcher32(properties);
    });
  });
  const auto dataset = open_dataset(yaml(path, "point: x"));
  EXPECT_EQ(read_example(*dataset, 99)[0], (std::vector<float>{693, 694, 695, 696, 697, 698, 699}));
}

TEST_F(Hdf5, ReadsAFileThatIsBeingWritten) {
  const auto path = make([](hid_t file) {
    add(file, "x", {4, 2}, H5T_IEEE_F32LE, [](hid_t properties) {
      const Dims chunk{4, 2};
      H5Pset_chunk(properties, 2, chunk.data());
    });
  });
  const hid_t writer = H5Fopen(path.c_str(), H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE, H5P_DEFAULT);
  ASSERT_GE(writer, 0);
  EXPECT_EQ(read_example(*open_dataset(yaml(path, "point: x")), 3)[0], (std::vector<float>{6, 7}));
  H5Fclose(writer);
}

TEST_F(Hdf5, RefusesLinks) {
  const auto other = make([](hid_t file) { add(file, "x", {4}); }, "other.h5");
  EXPECT_THAT(
      refused([&](hid_t file) { H5Lcreate_external(other.c_str(), "/x", file, "x", H5P_DEFAULT, H5P_DEFAULT); }),
      HasSubstr("f.h5: x is behind a link to another file ('x')"));
  EXPECT_THAT(refused([](hid_t file) { H5Lcreate_soft("/x", file, "x", H5P_DEFAULT, H5P_DEFAULT); }),
              HasSubstr("is behind a soft link"));
  EXPECT_THAT(
      refused([&](hid_t file) { H5Lcreate_external(other.c_str(), "/", file, "group", H5P_DEFAULT, H5P_DEFAULT); },
              "point: group/x"),
      HasSubstr("is behind a link to another file ('group')"));
}

TEST_F(Hdf5, RefusesStorageElsewhere) {
  folder_.write("secret", std::string(64, 's'));
  const std::string secret = (folder_.path() / "secret").string();
  EXPECT_THAT(refused([&](hid_t file) {
                add(
                    file, "x", {16}, H5T_IEEE_F32LE,
                    [&](hid_t properties) { H5Pset_external(properties, secret.c_str(), 0, 64); }, false);
              }),
              HasSubstr("is stored in other files"));
  EXPECT_THAT(refused([&](hid_t file) {
                add(
                    file, "x", {4}, H5T_IEEE_F32LE,
                    [](hid_t properties) {
                      const Dims dims{4};
                      const hid_t space = H5Screate_simple(1, dims.data(), nullptr);
                      H5Pset_virtual(properties, space, "other.h5", "/x", space);
                      H5Sclose(space);
                    },
                    false);
              }),
              HasSubstr("is a virtual dataset"));
}

TEST_F(Hdf5, RefusesFiltersThatAreNotBuiltIn) {
  EXPECT_THAT(refused([](hid_t file) {
                add(
                    file, "x", {4}, H5T_IEEE_F32LE,
                    [](hid_t properties) {
                      const Dims chunk{4};
                      H5Pset_chunk(properties, 1, chunk.data());
                      H5Pset_filter(properties, 32001, H5Z_FLAG_OPTIONAL, 0, nullptr);
                    },
                    false);
              }),
              HasSubstr("by a filter that is not built in: 32001"));
}

TEST_F(Hdf5, RefusesSizesThatTheFileCannotHold) {
  const auto chunked = [](hid_t properties) {
    const Dims chunk{1000, 1000};
    H5Pset_chunk(properties, 2, chunk.data());
  };
  EXPECT_THAT(refused([&](hid_t file) {
                add(file, "x", {40000, 40000}, H5T_STD_U8LE, chunked, false);
              }),
              HasSubstr("can hold"));
  EXPECT_THAT(refused([&](hid_t file) {
                add(file, "x", {hsize_t{1} << 40, hsize_t{1} << 40}, H5T_STD_U8LE, chunked, false);
              }),
              HasSubstr("more than this program takes"));
  EXPECT_THAT(refused([](hid_t file) { add(file, "x", {100}, H5T_IEEE_F32LE, {}, false); }),
              HasSubstr("was never written"));
}

TEST_F(Hdf5, RefusesArraysOfWhichChunksAreMissing) {
  EXPECT_THAT(refused([](hid_t file) {
                add(
                    file, "x", {10}, H5T_IEEE_F32LE,
                    [](hid_t properties) {
                      const Dims chunk{4};
                      H5Pset_chunk(properties, 1, chunk.data());
                    },
                    false);
                const hid_t dataset = H5Dopen2(file, "x", H5P_DEFAULT);
                const hsize_t start = 0, count = 4;
                const hid_t memory = H5Screate_simple(1, &count, nullptr), space = H5Dget_space(dataset);
                H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, nullptr, &count, nullptr);
                const std::vector<float> values(4, 1.0f);
                EXPECT_GE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, values.data()), 0);
                H5Sclose(memory);
                H5Sclose(space);
                H5Dclose(dataset);
              }),
              HasSubstr("was never written in full: it has 1 chunks of 3"));
}

TEST_F(Hdf5, SaysWhatIsWrong) {
  const auto good = [](hid_t file) { add(file, "points", {4, 2}); };
  EXPECT_THAT(refused(good, "point: point"),
              HasSubstr("point does not exist: there is no 'point'; did you mean 'points'?"));
  EXPECT_THAT(refused(good, "point: points/x"), HasSubstr("points/x does not exist"));
  EXPECT_THAT(refused(good, "point: /"), HasSubstr("/ is a group; it holds points; name a dataset: /points"));
  EXPECT_THAT(refused(good, "image: points"), HasSubstr("expected images × height × width"));
  EXPECT_THAT(refused(good, "point: points, label: points"), HasSubstr("expected labels on 1 axis"));
  EXPECT_THAT(refused([](hid_t file) { add(file, "x", {}); }), HasSubstr("has 0 axes"));
  EXPECT_THAT(refused([](hid_t file) {
                const hid_t text = H5Tcopy(H5T_C_S1);
                add(file, "x", {4}, text, {}, false);
                H5Tclose(text);
              }),
              HasSubstr("does not hold plain numbers"));
  EXPECT_THAT(refusal_of(yaml(folder_.write("text.h5", "hello"), "point: x")),
              HasSubstr("text.h5: is not an HDF5 file"));
  EXPECT_THAT(refusal_of(yaml(folder_.path() / "missing.h5", "point: x")), HasSubstr("missing.h5: cannot read"));
}

TEST_F(Hdf5, RefusesEveryTruncation) {
  const auto path = make([](hid_t file) { add(file, "x", {200, 2}); });
  std::ifstream in(path, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    EXPECT_THAT(refusal_of(yaml(folder_.write("cut.h5", whole.substr(0, size)), "point: x")), HasSubstr("cut.h5: "));
  }
}

}  // namespace
}  // namespace duel
