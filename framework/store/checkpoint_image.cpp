#include "store/checkpoint_image.hpp"

#include <hdf5.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/hash.hpp"
#include "store/hdf5_memory.hpp"
#include "store/hdf5_value.hpp"

namespace duel {
namespace {

using hdf5::Calls;
using hdf5::Handle;

// ---- the block in front

constexpr std::string_view magic = "duel checkpoint\n";
constexpr std::string_view version_key = "format ";
constexpr int64_t checkpoint_version = 1;
constexpr std::size_t version_digits = 8;
constexpr std::size_t version_offset = magic.size() + version_key.size();
constexpr std::size_t hash_offset = 32;
constexpr std::size_t hash_digits = 64;
constexpr std::size_t block_size = 512;
static_assert(version_offset + version_digits + 1 == hash_offset);

std::string_view text_at(const Bytes& image, std::size_t offset, std::size_t size) {
  return {reinterpret_cast<const char*>(image.data()) + offset, size};
}

void put(Bytes& image, std::size_t offset, std::string_view text) {
  std::memcpy(image.data() + offset, text.data(), text.size());
}

// Fills the block in front of `image`. The hash is that of the whole file with zeros in its own place.
void seal(Bytes& image) {
  put(image, 0, magic);
  put(image, magic.size(), fmt::format("{}{:0{}}\n", version_key, checkpoint_version, version_digits));
  const std::string hash = sha256_hex(image);
  put(image, hash_offset, hash);
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what, const std::string& remedy) {
  throw UserError(ExitCode::data, Problem{{path.string(), 0, 0}, {}, what, remedy, {}});
}

// Puts zeros in place of the hash.
void check_seal(const std::filesystem::path& path, Bytes& image) {
  if (image.size() < block_size || text_at(image, 0, magic.size()) != magic)
    refuse(path, "is not a checkpoint of duel, or its beginning is damaged", "use another checkpoint");
  const std::string hash(text_at(image, hash_offset, hash_digits));
  std::fill_n(image.begin() + hash_offset, hash_digits, std::byte{0});
  if (sha256_hex(image) != hash)
    refuse(path, "the checkpoint is damaged: its contents do not match the SHA-256 in its beginning",
           "use another checkpoint");
  const std::string_view digits = text_at(image, version_offset, version_digits);
  int64_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc{} || end != digits.data() + digits.size() || version < 1)
    refuse(path, "the checkpoint states no format version", "use another checkpoint");
  if (version > checkpoint_version)
    throw NewerFormat(ExitCode::data, Problem{{path.string(), 0, 0},
                                              {},
                                              fmt::format("the checkpoint has format {}; this program knows formats "
                                                          "up to {}",
                                                          version, checkpoint_version),
                                              "use the newer version of duel that wrote it",
                                              {}});
}

// ---- writing

constexpr int deepest_group = 32;  // for readers: links can form a circle
constexpr const char* counters_group = "counters";
constexpr const char* numbers_group = "numbers";
constexpr const char* texts_group = "texts";

Handle create_image(const Calls& calls, const CheckpointState& state) {
  std::size_t size = std::size_t{1} << 16;
  for (const auto& [name, array] : state.arrays) size += array.bytes.size();
  const Handle access = hdf5::memory_access(calls, size);
  const Handle creation = calls.own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "make file properties");
  calls.check(H5Pset_userblock(creation.get(), block_size), "reserve the first block");
  calls.check(H5Pset_obj_track_times(creation.get(), false), "switch off times");
  return calls.own(H5Fcreate(hdf5::name_in_memory().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                   "make a file in memory");
}

hid_t file_type(DType dtype) { return dtype == DType::float32 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE; }
hid_t memory_type(DType dtype) { return dtype == DType::float32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE; }

Handle open_or_create_group(const Calls& calls, hid_t parent, const std::string& name) {
  return hdf5::has_link(calls, parent, name) ? hdf5::open_group(calls, parent, name)
                                             : hdf5::create_group(calls, parent, name);
}

// The group that `path` lies in, made where it is missing; `path` becomes the name in it.
Handle parent_group(const Calls& calls, hid_t file, std::string& path) {
  Handle group = hdf5::open_group(calls, file, "/");
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/')) {
    const std::string name = path.substr(0, slash);
    group = open_or_create_group(calls, group.get(), name);
    path.erase(0, slash + 1);
  }
  return group;
}

void check_array(const std::string& path, const StoredArray& array) {
  const std::string framed = "/" + path + "/";
  DUEL_CHECK(framed.find("//") == std::string::npos && framed.find("/./") == std::string::npos &&
                 path.find('\0') == std::string::npos,
             "'{}' is no path of an array", path);
  DUEL_CHECK(std::count(path.begin(), path.end(), '/') <= deepest_group, "'{}' is too deep", path);
  DUEL_CHECK(!framed.starts_with(fmt::format("/{}/", texts_group)), "'{}' is where the texts are", path);
  DUEL_CHECK(static_cast<int64_t>(array.bytes.size()) == array.shape.elements() * size_of(array.dtype),
             "{} has {} bytes for shape {}", path, array.bytes.size(), to_string(array.shape));
}

void write_array(const Calls& calls, hid_t file, const std::string& path, const StoredArray& array) {
  check_array(path, array);
  std::string name = path;
  const Handle group = parent_group(calls, file, name);
  const std::vector<hsize_t> extents(array.shape.begin(), array.shape.end());
  const Handle space =
      calls.own(extents.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(array.shape.rank(), extents.data(), nullptr),
                H5Sclose, "describe " + path);
  const Handle properties = hdf5::dataset_properties(calls);
  const Handle dataset = calls.own(H5Dcreate2(group.get(), name.c_str(), file_type(array.dtype), space.get(),
                                              H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                                   H5Dclose, "store " + path);
  if (!array.bytes.empty())
    calls.check(H5Dwrite(dataset.get(), memory_type(array.dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, array.bytes.data()),
                "store " + path);
}

template <class Value>
void write_attributes(const Calls& calls, hid_t file, const char* name, const std::map<std::string, Value>& values) {
  const Handle group = open_or_create_group(calls, file, name);
  for (const auto& [key, value] : values) hdf5::write_attribute(calls, group.get(), key, value);
}

// ---- reading

class ArrayReader {
 public:
  // Arrays together have no more bytes than the file, and links are fewer: that bounds what a made-up file can ask for.
  ArrayReader(const Calls& calls, std::map<std::string, StoredArray>& arrays, std::size_t file_size)
      : calls_(calls), arrays_(arrays), budget_(file_size), links_(file_size) {}

  void read_group(const Handle& group, const std::string& prefix, int depth) {
    for (const std::string& name : hdf5::link_names(calls_, group.get())) {
      if (depth == 0 && name == texts_group) continue;
      if (depth > deepest_group || links_ == 0) calls_.fail("the checkpoint has groups in groups without end");
      --links_;
      H5O_info_t info;
      calls_.check(H5Oget_info_by_name2(group.get(), name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT),
                   "look at " + prefix + name);
      if (info.type == H5O_TYPE_GROUP) {
        read_group(hdf5::open_group(calls_, group.get(), name), prefix + name + "/", depth + 1);
      } else if (info.type == H5O_TYPE_DATASET) {
        arrays_.emplace(prefix + name, read_array(hdf5::open_plain_dataset(calls_, group.get(), name), prefix + name));
      } else {
        calls_.fail(fmt::format("{} is neither a group nor an array", prefix + name));
      }
    }
  }

 private:
  StoredArray read_array(const Handle& dataset, const std::string& name) {
    StoredArray array;
    const Handle type = calls_.own(H5Dget_type(dataset.get()), H5Tclose, "read " + name);
    if (H5Tequal(type.get(), file_type(DType::float32)) > 0) {
      array.dtype = DType::float32;
    } else if (H5Tequal(type.get(), file_type(DType::float64)) > 0) {
      array.dtype = DType::float64;
    } else {
      calls_.fail(fmt::format("{} is not of type float32 or float64", name));
    }
    array.shape = read_shape(dataset, name);
    const auto elements = array.shape.checked_elements();
    if (!elements || static_cast<uint64_t>(*elements) > budget_ / static_cast<uint64_t>(size_of(array.dtype)))
      calls_.fail(fmt::format("{} claims more elements than the file has bytes", name));
    array.bytes.resize(static_cast<std::size_t>(*elements * size_of(array.dtype)));
    budget_ -= array.bytes.size();
    if (!array.bytes.empty())
      calls_.check(H5Dread(dataset.get(), memory_type(array.dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, array.bytes.data()),
                   "read " + name);
    return array;
  }

  Shape read_shape(const Handle& dataset, const std::string& name) {
    const Handle space = calls_.own(H5Dget_space(dataset.get()), H5Sclose, "read " + name);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || rank > Shape::max_rank || H5Sget_simple_extent_type(space.get()) == H5S_NULL)
      calls_.fail(fmt::format("{} has a shape that no array of duel has", name));
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    calls_.check(H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr), "read " + name);
    const std::vector<int64_t> signed_extents(extents.begin(), extents.end());
    if (std::any_of(signed_extents.begin(), signed_extents.end(), [](int64_t extent) { return extent < 0; }))
      calls_.fail(fmt::format("{} has a shape that no array of duel has", name));
    return Shape(signed_extents);
  }

  const Calls& calls_;
  std::map<std::string, StoredArray>& arrays_;
  std::size_t budget_;
  std::size_t links_;
};

template <class Value>
void read_attributes(const Calls& calls, hid_t file, const char* name, std::map<std::string, Value>& values) {
  const Handle group = hdf5::open_group(calls, file, name);
  for (const std::string& key : hdf5::attribute_names(calls, group.get()))
    hdf5::read_attribute(calls, group.get(), key, values[key]);
}

}  // namespace

Bytes checkpoint_image(const std::filesystem::path& path, const CheckpointState& state) {
  const Calls calls(path, ExitCode::storage);
  const Handle file = create_image(calls, state);
  for (const auto& [name, array] : state.arrays) write_array(calls, file.get(), name, array);
  write_attributes(calls, file.get(), counters_group, state.counters);
  write_attributes(calls, file.get(), numbers_group, state.numbers);
  hdf5::create_texts(calls, file.get(), texts_group, state.texts);  // attributes have at most 64 KiB
  calls.check(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), "finish the file in memory");
  // The image that HDF5 gives starts behind the block.
  const ssize_t size = calls.check(H5Fget_file_image(file.get(), nullptr, 0), "measure the file in memory");
  Bytes image(block_size + static_cast<std::size_t>(size));
  calls.check(H5Fget_file_image(file.get(), image.data() + block_size, image.size() - block_size),
              "copy the file in memory");
  seal(image);
  return image;
}

CheckpointState state_of_image(const std::filesystem::path& path, Bytes image) {
  check_seal(path, image);
  const Calls calls(path, ExitCode::data);
  const Handle file = hdf5::open_in_memory(calls, image);
  CheckpointState state;
  ArrayReader(calls, state.arrays, image.size()).read_group(hdf5::open_group(calls, file.get(), "/"), "", 0);
  read_attributes(calls, file.get(), counters_group, state.counters);
  read_attributes(calls, file.get(), numbers_group, state.numbers);
  state.texts = hdf5::read_texts(calls, file.get(), texts_group);
  return state;
}

}  // namespace duel
