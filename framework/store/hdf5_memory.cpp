#include "store/hdf5_memory.hpp"

#include <hdf5.h>

#include <atomic>

#include "store/hdf5_value.hpp"

namespace duel::hdf5 {

// Of the newer structures, which have checksums, H5Fget_file_image of HDF5 1.10.8 changes a byte without its checksum.
Handle memory_access(const Calls& calls, std::size_t increment) {
  Handle access = access_properties(calls, Structures::hdf5_1_8);
  calls.check(H5Pset_fapl_core(access.get(), increment, false), "keep a file in memory");
  return access;
}

// HDF5 takes two files in memory that have one name for the same file, looks for a file on the disk under it, and reads
// that. So: a new name each time, under which no file can be.
std::string name_in_memory() {
  static std::atomic<uint64_t> counter = 0;
  return fmt::format("/dev/null/memory-{}", counter++);
}

Handle create_in_memory(const Calls& calls) {
  constexpr std::size_t increment = std::size_t{1} << 20;
  const Handle access = memory_access(calls, increment);
  const Handle creation = calls.own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "make file properties");
  calls.check(H5Pset_obj_track_times(creation.get(), false), "switch off times");
  return calls.own(H5Fcreate(name_in_memory().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                   "make a file in memory");
}

Handle open_in_memory(const Calls& calls, Bytes& image) {
  const Handle access = memory_access(calls, image.size());
  calls.check(H5Pset_file_image(access.get(), image.data(), image.size()), "open the file");
  return calls.own(H5Fopen(name_in_memory().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, "open the file");
}

Bytes image_of(const Calls& calls, Id file) {
  calls.check(H5Fflush(file, H5F_SCOPE_GLOBAL), "finish the file in memory");
  Bytes bytes(static_cast<std::size_t>(calls.check(H5Fget_file_image(file, nullptr, 0), "measure the file in memory")));
  calls.check(H5Fget_file_image(file, bytes.data(), bytes.size()), "copy the file in memory");
  return bytes;
}

}  // namespace duel::hdf5
