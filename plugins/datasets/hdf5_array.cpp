#include "plugins/datasets/hdf5_array.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Neither deflate nor the filters before it shrink data further than this; an array that claims more was never written.
constexpr uint64_t best_ratio = 1100;
constexpr uint64_t largest_chunk = uint64_t{1} << 30;
constexpr int most_hdf5_axes = 5;

class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (valid()) close_(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  bool valid() const { return id_ >= 0; }
  hid_t id() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// HDF5 prints its errors unless told otherwise; what went wrong is said by us, in one line.
class QuietErrors {
 public:
  QuietErrors() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

// The names below a group, for a message.
std::vector<std::string> names_in(hid_t group) {
  constexpr std::size_t most = 50;
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(data);
    list.emplace_back(name);
    return list.size() >= most ? 1 : 0;
  };
  H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  return names;
}

const char* link_kind(H5L_type_t type) {
  if (type == H5L_TYPE_SOFT) return "a soft link";
  return type == H5L_TYPE_EXTERNAL ? "a link to another file" : "a link of an unknown kind";
}

// One array on its way from the file: each check names the array in its message.
class ArrayReader {
 public:
  ArrayReader(hid_t file, uint64_t file_size, const fs::path& path, const std::string& name, bool exact)
      : file_size_(file_size), path_(path), name_(name), exact_(exact), dataset_(find(file)) {}

  Hdf5File::Array read(std::optional<int64_t> index) const {
    Hdf5File::Array array;
    const Handle type(H5Dget_type(dataset_.id()), H5Tclose);
    array.type = memory_type(type.id());
    array.extents = extents();
    const std::size_t element = H5Tget_size(type.id());
    check_size(array.extents, std::max(element, static_cast<std::size_t>(size_of(array.type))));
    check_storage(array.extents, element);
    const Handle space(H5Dget_space(dataset_.id()), H5Sclose);
    if (index) select(space.id(), array.extents, *index);
    const auto elements = static_cast<uint64_t>(*checked_product(array.extents));
    array.bytes.resize(elements * static_cast<uint64_t>(size_of(array.type)));
    const auto extent = static_cast<hsize_t>(elements);
    const Handle memory(H5Screate_simple(1, &extent, nullptr), H5Sclose);
    const hid_t numbers = native_type(array.type);
    if (H5Dread(dataset_.id(), numbers, memory.id(), space.id(), H5P_DEFAULT, array.bytes.data()) < 0) {
      fail("cannot be read: it is truncated or damaged", "fetch the file again");
    }
    return array;
  }

 private:
  // Of the first axis the entry `index` alone: takes that axis from the extents.
  void select(hid_t space, std::vector<int64_t>& extents, int64_t index) const {
    const int64_t count = extents[0], at = index < 0 ? count + index : index;
    if (at < 0 || at >= count) {
      fail(fmt::format("has {} entries, and [{}] is none of them", count, index),
           fmt::format("they are [0] to [{}]; [-1] is the last one", count - 1));
    }
    std::vector<hsize_t> start(extents.size(), 0), size(extents.begin(), extents.end());
    start[0] = static_cast<hsize_t>(at);
    size[0] = 1;
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0) {
      fail("cannot be read in parts");
    }
    extents.erase(extents.begin());
  }

  // Goes down from the root, one hard link after another, so that no link can lead elsewhere or in a circle.
  Handle find(hid_t file) const {
    Handle at(H5Oopen(file, "/", H5P_DEFAULT), H5Oclose);
    std::size_t start = 0;
    while (at.valid()) {
      start = name_.find_first_not_of('/', start);
      if (start == std::string::npos) break;
      const std::size_t end = std::min(name_.find('/', start), name_.size());
      at = child(at.id(), name_.substr(start, end - start), start);
      start = end;
    }
    if (at.valid() && H5Iget_type(at.id()) == H5I_GROUP) fail_group(at.id());
    if (!at.valid() || H5Iget_type(at.id()) != H5I_DATASET) fail("is not a dataset");
    return at;
  }

  [[noreturn]] void fail_group(hid_t group) const {
    const std::vector<std::string> names = names_in(group);
    if (names.empty()) fail("is an empty group", "name a dataset");
    const std::string folder = name_.ends_with('/') ? name_ : name_ + "/";
    const bool has_values = std::ranges::find(names, "values") != names.end();
    fail(fmt::format("is a group; it holds {}", fmt::join(names, ", ")),
         fmt::format("name a dataset: {}{}", folder, has_values ? "values" : names.front()));
  }

  // `before`: where in the name the part begins.
  Handle child(hid_t group, const std::string& part, std::size_t before) const {
    H5L_info_t link{};
    if (H5Iget_type(group) != H5I_GROUP) {
      fail(fmt::format("does not exist: '{}' is a dataset and holds nothing else", name_.substr(0, before - 1)));
    }
    if (H5Lexists(group, part.c_str(), H5P_DEFAULT) <= 0) {
      const std::vector<std::string> names = names_in(group);
      std::string remedy = fmt::format("there are: {}", fmt::join(names, ", "));
      if (const auto near = nearest_word(part, names)) {
        remedy = fmt::format("did you mean '{}{}'?", name_.substr(0, before), *near);
      }
      fail(fmt::format("does not exist: there is no '{}'", part), names.empty() ? "the group is empty" : remedy);
    }
    if (H5Lget_info(group, part.c_str(), &link, H5P_DEFAULT) < 0) fail("cannot be looked up");
    if (link.type != H5L_TYPE_HARD) {
      fail(fmt::format("is behind {} ('{}')", link_kind(link.type), part),
           "links are not followed; name the dataset itself");
    }
    return {H5Oopen(group, part.c_str(), H5P_DEFAULT), H5Oclose};
  }

  ElementType memory_type(hid_t type) const {
    const H5T_class_t kind = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || H5Tget_size(type) > 8) {
      fail("does not hold plain numbers of up to 8 bytes");
    }
    const bool byte = kind == H5T_INTEGER && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE;
    if (byte) return ElementType::u8;
    const std::size_t float32_holds = kind == H5T_INTEGER ? 2 : 4;  // bytes
    return exact_ && H5Tget_size(type) > float32_holds ? ElementType::f64 : ElementType::f32;
  }

  static hid_t native_type(ElementType type) {
    if (type == ElementType::u8) return H5T_NATIVE_UINT8;
    return type == ElementType::f64 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
  }

  std::vector<int64_t> extents() const {
    const Handle space(H5Dget_space(dataset_.id()), H5Sclose);
    const int rank = space.valid() ? H5Sget_simple_extent_ndims(space.id()) : -1;
    if (rank < 1 || rank > most_hdf5_axes) {
      fail(fmt::format("has {} axes, expected 1 to {}", std::max(rank, 0), most_hdf5_axes));
    }
    std::array<hsize_t, most_hdf5_axes> sizes{};
    H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr);
    std::vector<int64_t> extents;
    for (int axis = 0; axis < rank; ++axis) {
      extents.push_back(static_cast<int64_t>(std::min<hsize_t>(sizes[static_cast<std::size_t>(axis)], INT64_MAX)));
    }
    return extents;
  }

  // `element`: the bytes of one, in the file or in memory, whichever are more.
  void check_size(std::span<const int64_t> extents, std::size_t element) const {
    const auto elements = checked_product(extents);
    if (!elements || static_cast<uint64_t>(*elements) > largest_array / element) {
      fail(fmt::format("has {} elements, more than this program takes", extents_text(extents)));
    }
    const uint64_t bytes = static_cast<uint64_t>(*elements) * element;
    if (bytes / best_ratio > file_size_) {
      fail(fmt::format("claims {}, more than a file of {} can hold", format_bytes(bytes), format_bytes(file_size_)));
    }
  }

  void check_storage(std::span<const int64_t> extents, std::size_t element) const {
    const Handle properties(H5Dget_create_plist(dataset_.id()), H5Pclose);
    if (!properties.valid()) fail("cannot be looked up");
    if (H5Pget_external_count(properties.id()) != 0) fail("is stored in other files", "those are not opened");
    const H5D_layout_t layout = H5Pget_layout(properties.id());
    if (layout == H5D_VIRTUAL) fail("is a virtual dataset", "the files behind it are not opened");
    check_filters(properties.id());
    const auto bytes = static_cast<uint64_t>(*checked_product(extents)) * element;
    if (layout == H5D_CHUNKED) check_chunks(properties.id(), extents, element);
    if (layout == H5D_CONTIGUOUS && bytes > 0) check_extent_in_file(bytes);
  }

  void check_filters(hid_t properties) const {
    constexpr std::array known{H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32,
                               H5Z_FILTER_SZIP,    H5Z_FILTER_NBIT,    H5Z_FILTER_SCALEOFFSET};
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
      unsigned flags = 0, configuration = 0;
      std::size_t values = 0;
      std::array<char, 64> name{};
      const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr,
                                                 name.size(), name.data(), &configuration);
      if (std::ranges::find(known, filter) == known.end() || H5Zfilter_avail(filter) <= 0) {
        fail(fmt::format("is compressed by a filter that is not built in: {} '{}'", static_cast<int>(filter),
                         std::string(name.data())),
             "write it with gzip compression or none");
      }
    }
  }

  // Chunks that were never written would be read as the fill value.
  void check_chunks(hid_t properties, std::span<const int64_t> extents, std::size_t element) const {
    std::array<hsize_t, most_hdf5_axes> sizes{};
    const int rank = H5Pget_chunk(properties, most_hdf5_axes, sizes.data());
    if (rank != std::ssize(extents)) fail("has chunks of another rank than its own");
    uint64_t bytes = element, expected = 1;
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
      if (__builtin_mul_overflow(bytes, sizes[axis], &bytes) || bytes > largest_chunk || bytes == 0) {
        fail(fmt::format("has chunks of more than {}", format_bytes(largest_chunk)));
      }
      expected *= (static_cast<uint64_t>(extents[axis]) + sizes[axis] - 1) / sizes[axis];
    }
    hsize_t written = 0;
    const Handle space(H5Dget_space(dataset_.id()), H5Sclose);
    if (H5Dget_num_chunks(dataset_.id(), space.id(), &written) < 0 || written != expected) {
      fail(fmt::format("was never written in full: it has {} chunks of {}", written, expected));
    }
  }

  void check_extent_in_file(uint64_t bytes) const {
    const haddr_t begin = H5Dget_offset(dataset_.id());
    if (begin == HADDR_UNDEF) fail("was never written");
    if (H5Dget_storage_size(dataset_.id()) < bytes || begin > file_size_ || bytes > file_size_ - begin) {
      fail(fmt::format("needs {}, the file ends before", format_bytes(bytes)), "fetch the file again");
    }
  }

  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const {
    fail_data(path_, fmt::format("{} {}", name_, what), remedy);
  }

  uint64_t file_size_;
  const fs::path& path_;
  const std::string& name_;
  bool exact_;
  Handle dataset_;
};

}  // namespace

struct Hdf5File::State {
  fs::path path;
  uint64_t size = 0;
  QuietErrors quiet;
  Handle file{-1, H5Fclose};
};

Hdf5File::Hdf5File(const fs::path& path) {
  // A file asks for a filter by number, and HDF5 would load a library of that number from a folder of plugins.
  H5PLset_loading_state(0);
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  if (error) fail_data(path, fmt::format("cannot read: {}", error.message()));
  state_ = std::make_unique<State>();
  state_->path = path;
  state_->size = size;
  if (H5Fis_hdf5(path.c_str()) <= 0) fail_data(path, "is not an HDF5 file, or is damaged");
  // A file being written, or left by a writer that was killed, opens in the second way alone.
  for (const unsigned mode : {H5F_ACC_RDONLY, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ}) {
    if (!state_->file.valid()) state_->file = Handle(H5Fopen(path.c_str(), mode, H5P_DEFAULT), H5Fclose);
  }
  if (!state_->file.valid()) {
    fail_data(path, "is an HDF5 file that does not open: truncated, damaged, or being written", "fetch the file again");
  }
}

Hdf5File::~Hdf5File() = default;

Hdf5File::Array Hdf5File::read(const std::string& name, bool exact, std::optional<int64_t> index) const {
  return ArrayReader(state_->file.id(), state_->size, state_->path, name, exact).read(index);
}

bool Hdf5File::holds(const std::string& name) const {
  for (std::size_t end = name.find('/', 1);; end = name.find('/', end + 1)) {
    const std::string part = name.substr(0, end);
    H5L_info_t link{};
    if (H5Lexists(state_->file.id(), part.c_str(), H5P_DEFAULT) <= 0 ||
        H5Lget_info(state_->file.id(), part.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD) {
      return false;
    }
    if (end == std::string::npos) break;
  }
  const Handle object(H5Oopen(state_->file.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
  return object.valid() && H5Iget_type(object.id()) == H5I_DATASET;
}

}  // namespace duel
