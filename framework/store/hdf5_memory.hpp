// HDF5 files that live in memory: HDF5 never writes them to the disk, so a full one is none of its concern. For store/
// and evaluate/.
#pragma once

#include "base/file.hpp"
#include "store/hdf5_handle.hpp"

namespace duel::hdf5 {

// Access to a file in memory, which grows by `increment` bytes at a time. It has the structures that HDF5 1.8 can read.
Handle memory_access(const Calls& calls, std::size_t increment);
// A name for the next file in memory.
std::string name_in_memory();

// A new file in memory. Files of equal contents are equal bytes.
Handle create_in_memory(const Calls& calls);
// Opens what such a file wrote; `image` must outlive the file.
Handle open_in_memory(const Calls& calls, Bytes& image);
// The bytes of the whole file.
Bytes image_of(const Calls& calls, Id file);

}  // namespace duel::hdf5
