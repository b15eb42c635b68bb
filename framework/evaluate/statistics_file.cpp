// The files of statistics: HDF5, and the .npz that users of FID exchange.
#include <archive.h>
#include <archive_entry.h>
#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>

#include "data/errors.hpp"
#include "data/file_tree.hpp"
#include "data/npy_array.hpp"
#include "evaluate/statistics.hpp"
#include "store/hdf5_memory.hpp"
#include "store/hdf5_value.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using hdf5::Calls;
using hdf5::Handle;

constexpr const char* mean_name = "mu";
constexpr const char* covariance_name = "sigma";
constexpr const char* count_name = "n";

// The texts that a file of HDF5 holds as attributes.
constexpr std::array<std::pair<const char*, std::string FeatureOrigin::*>, 4> origin_texts{
    {{"features", &FeatureOrigin::name},
     {"features_hash", &FeatureOrigin::hash},
     {"preprocessing", &FeatureOrigin::preprocessing},
     {"split", &FeatureOrigin::split}}};

bool is_npz(const fs::path& file) { return file.extension() == ".npz"; }

std::array<int64_t, 2> covariance_extents(const FeatureStatistics& statistics) {
  return {statistics.width(), statistics.width()};
}

// ---- what any of them must be

struct NamedArray {
  std::vector<int64_t> extents;
  std::vector<double> values;
};

FeatureStatistics checked(const fs::path& file, NamedArray mean, NamedArray covariance) {
  constexpr double tolerance = 1e-5;  // some were computed in float32
  if (mean.extents.size() != 1 || mean.values.empty() || covariance.extents.size() != 2 ||
      covariance.extents[0] != mean.extents[0] || covariance.extents[1] != mean.extents[0]) {
    fail_data(file, fmt::format("mu is {} and sigma {}, expected d and d × d", extents_text(mean.extents),
                                extents_text(covariance.extents)));
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(mean.values, finite)) fail_data(file, "mu is not finite");
  if (!std::ranges::all_of(covariance.values, finite)) fail_data(file, "sigma is not finite");
  const std::size_t width = mean.values.size();
  double largest = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const double variance = covariance.values[i * width + i];
    if (variance < 0) fail_data(file, fmt::format("sigma is no covariance: variance {} is {}", i, variance));
    largest = std::max(largest, variance);
  }
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double apart = covariance.values[i * width + j] - covariance.values[j * width + i];
      if (std::abs(apart) > tolerance * largest)
        fail_data(file, fmt::format("sigma is not symmetric at ({}, {})", i, j));
    }
  }
  return {std::nullopt, std::move(mean.values), std::move(covariance.values), {}, file.string()};
}

// ---- npz

NamedArray read_npy(const FileTree& tree, const std::string& name) {
  const std::string entry = name + ".npy";
  const auto found = std::ranges::find(tree.files(), entry);
  if (found == tree.files().end()) {
    fail_data(tree.root(), fmt::format("has no '{}'", name), "a file of statistics holds mu and sigma");
  }
  const auto index = static_cast<std::size_t>(found - tree.files().begin());
  const NpyArray array = decode_npy(tree.read(index), tree.place(index));
  NamedArray out{array.extents, {}};
  const auto elements = static_cast<int64_t>(array.bytes.size() - array.offset) / size_of(array.type);
  out.values.resize(static_cast<std::size_t>(elements));
  convert_elements(array.type, array.bytes.data() + array.offset, elements, out.values.data());
  return out;
}

FeatureStatistics read_npz(const fs::path& file) {
  const auto wanted = [](const std::string& name) {
    return name == fmt::format("{}.npy", mean_name) || name == fmt::format("{}.npy", covariance_name);
  };
  const FileTree tree(file, wanted);
  return checked(file, read_npy(tree, mean_name), read_npy(tree, covariance_name));
}

Bytes npy_bytes(std::span<const int64_t> extents, std::span<const double> values) {
  const std::string header = npy_header(ElementType::f64, extents);
  Bytes out(header.size() + values.size_bytes());
  std::memcpy(out.data(), header.data(), header.size());
  std::memcpy(out.data() + header.size(), values.data(), values.size_bytes());
  return out;
}

// A zip archive in memory. Its files are stored as they are and carry no time, so that equal contents are equal bytes.
class ZipWriter {
 public:
  explicit ZipWriter(const fs::path& path) : path_(path), archive_(archive_write_new()) {
    DUEL_CHECK(archive_ != nullptr, "libarchive does not start");
    check(archive_write_set_format_zip(archive_.get()));
    check(archive_write_set_options(archive_.get(), "zip:compression=store"));
    check(archive_write_set_bytes_in_last_block(archive_.get(), 1));
    check(archive_write_open2(archive_.get(), &bytes_, nullptr, append, nullptr, nullptr));
  }

  void add(const std::string& name, const Bytes& content) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), begin_of_zip_time, 0);
    check(archive_write_header(archive_.get(), entry.get()));
    if (archive_write_data(archive_.get(), content.data(), content.size()) != std::ssize(content)) check(ARCHIVE_FATAL);
  }

  Bytes take() {
    check(archive_write_close(archive_.get()));
    return std::move(bytes_);
  }

 private:
  static constexpr time_t begin_of_zip_time = 315619200;  // 2 January 1980, in every time zone

  static la_ssize_t append(archive*, void* target, const void* data, std::size_t size) {
    auto& bytes = *static_cast<Bytes*>(target);
    try {
      bytes.insert(bytes.end(), static_cast<const std::byte*>(data), static_cast<const std::byte*>(data) + size);
    } catch (const std::bad_alloc&) {
      return -1;
    }
    return static_cast<la_ssize_t>(size);
  }

  void check(int result) const {
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
    const char* reason = archive_error_string(archive_.get());
    throw UserError(ExitCode::storage, fmt::format("{}: cannot be made: {}", path_.string(),
                                                   reason != nullptr ? reason : "libarchive gives no reason"));
  }

  struct Free {
    void operator()(archive* writer) const { archive_write_free(writer); }
  };

  fs::path path_;
  Bytes bytes_;
  std::unique_ptr<archive, Free> archive_;
};

Bytes npz_bytes(const fs::path& file, const FeatureStatistics& statistics) {
  ZipWriter zip(file);
  const std::array<int64_t, 1> extents{statistics.width()};
  zip.add(fmt::format("{}.npy", mean_name), npy_bytes(extents, statistics.mean));
  zip.add(fmt::format("{}.npy", covariance_name), npy_bytes(covariance_extents(statistics), statistics.covariance));
  return zip.take();
}

// ---- HDF5

NamedArray read_dataset(const Calls& calls, hid_t file, const std::string& name) {
  if (!hdf5::has_link(calls, file, name)) {
    calls.fail(fmt::format("has no data set '{}'", name),
               "a file of statistics holds mu and sigma; name a data set of features as FILE.h5:/NAME");
  }
  const Handle dataset = hdf5::open_plain_dataset(calls, file, name);
  const Handle space = calls.own(H5Dget_space(dataset.get()), H5Sclose, "read '" + name + "'");
  const Handle type = calls.own(H5Dget_type(dataset.get()), H5Tclose, "read '" + name + "'");
  std::array<hsize_t, 2> sizes{};
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 1 || rank > 2 || H5Tget_class(type.get()) != H5T_FLOAT) {
    calls.fail(fmt::format("'{}' is no vector or matrix of floating-point numbers", name));
  }
  calls.check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), "read '" + name + "'");
  NamedArray out;
  uint64_t elements = 1;
  for (int axis = 0; axis < rank; ++axis) {
    const hsize_t size = sizes[static_cast<std::size_t>(axis)];
    if (__builtin_mul_overflow(elements, size, &elements)) calls.fail(fmt::format("'{}' has an impossible size", name));
    out.extents.push_back(static_cast<int64_t>(size));
  }
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(elements, H5Tget_size(type.get()), &bytes)) {
    calls.fail(fmt::format("'{}' has an impossible size", name));
  }
  // What is not stored would be read as zeros.
  if (H5Dget_storage_size(dataset.get()) < bytes) {
    calls.fail(fmt::format("'{}' was never written in full", name));
  }
  out.values.resize(elements);
  calls.check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.values.data()),
              "read '" + name + "'");
  return out;
}

FeatureStatistics read_hdf5(const fs::path& path) {
  const Calls calls(path, ExitCode::data);
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  if (error) fail_data(path, fmt::format("cannot read: {}", error.message()));
  if (size > largest_array) fail_data(path, "is larger than any file of statistics");
  const Handle file = calls.own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open");
  NamedArray mean = read_dataset(calls, file.get(), mean_name);
  FeatureStatistics out = checked(path, std::move(mean), read_dataset(calls, file.get(), covariance_name));
  if (hdf5::has_attribute(calls, file.get(), count_name)) {
    int64_t count = 0;
    hdf5::read_attribute(calls, file.get(), count_name, count);
    if (count < 2) calls.fail(fmt::format("its attribute n is {}, expected 2 or more samples", count));
    out.count = count;
  }
  for (const auto& [name, member] : origin_texts) {
    if (hdf5::has_attribute(calls, file.get(), name)) hdf5::read_attribute(calls, file.get(), name, out.origin.*member);
  }
  return out;
}

void write_dataset(const Calls& calls, hid_t file, const char* name, std::span<const int64_t> extents,
                   std::span<const double> values) {
  std::array<hsize_t, 2> sizes{};
  std::ranges::copy(extents, sizes.begin());
  const Handle space = calls.own(H5Screate_simple(static_cast<int>(extents.size()), sizes.data(), nullptr), H5Sclose,
                                 "make a data space");
  const Handle properties = hdf5::dataset_properties(calls);
  const Handle dataset =
      calls.own(H5Dcreate2(file, name, H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                H5Dclose, "create a data set");
  calls.check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
              "write a data set");
}

// HDF5 works in memory alone, so that the file on disk is whole or not there.
Bytes hdf5_bytes(const fs::path& path, const FeatureStatistics& statistics) {
  const Calls calls(path, ExitCode::storage);
  const Handle file = hdf5::create_in_memory(calls);
  const std::array<int64_t, 1> extents{statistics.width()};
  write_dataset(calls, file.get(), mean_name, extents, statistics.mean);
  write_dataset(calls, file.get(), covariance_name, covariance_extents(statistics), statistics.covariance);
  if (statistics.count) hdf5::write_attribute(calls, file.get(), count_name, *statistics.count);
  for (const auto& [name, member] : origin_texts) {
    const std::string& text = statistics.origin.*member;
    if (!text.empty()) hdf5::write_attribute(calls, file.get(), name, std::string_view(text));
  }
  return hdf5::image_of(calls, file.get());
}

}  // namespace

bool is_statistics_name(const fs::path& file) {
  return is_npz(file) || file.extension() == ".h5" || file.extension() == ".hdf5";
}

void check_statistics_name(const std::string& option, const fs::path& file) {
  if (is_statistics_name(file)) return;
  throw UserError(ExitCode::experiment,
                  fmt::format("{} {}: not the name of a file of statistics", option, file.string()),
                  "give FILE.npz or FILE.h5");
}

void write_statistics(const fs::path& file, const FeatureStatistics& statistics) {
  DUEL_CHECK(is_statistics_name(file), "statistics in '{}'", file.string());
  write_file_atomically(file, is_npz(file) ? npz_bytes(file, statistics) : hdf5_bytes(file, statistics));
}

FeatureStatistics read_statistics(const fs::path& file) { return is_npz(file) ? read_npz(file) : read_hdf5(file); }

}  // namespace duel
