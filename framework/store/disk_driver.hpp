// How HDF5 writes run.h5. Its own drivers report a full disk to a library that then cannot close the file any more and
// aborts the process at exit. This one remembers the first failure and keeps what it and all later writes would have
// written in memory, where HDF5 finds it again: the disk has the file as a kill at that moment would have left it,
// which SWMR readers bear, and the process goes on, closes the file and reports the failure. Internal to store/.
#pragma once

#include "store/hdf5_handle.hpp"

namespace duel {

struct DiskState {
  int error = 0;  // errno of the first failure
};

// Makes files opened with `access` use the driver and note failures in `state`, which must outlive them.
void use_disk_driver(const hdf5::Calls& calls, hdf5::Id access, DiskState& state);

}  // namespace duel
