#include "store/disk_driver.hpp"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <vector>

namespace duel {
namespace {

// What an access property list carries.
struct DriverInfo {
  DiskState* state;
};

struct UnmadeWrite {
  haddr_t address;
  std::vector<unsigned char> bytes;
};

// HDF5 knows a file by a pointer to its first member.
struct DiskFile {
  H5FD_t base{};
  int descriptor = -1;
  haddr_t end_of_allocation = 0;
  haddr_t end_of_file = 0;
  DiskState* state = nullptr;
  std::vector<UnmadeWrite> unmade;  // the first that failed and those after it
};

DiskFile* disk_file(H5FD_t* file) { return reinterpret_cast<DiskFile*>(file); }
const DiskFile* disk_file(const H5FD_t* file) { return reinterpret_cast<const DiskFile*>(file); }

void note_failure(DiskState* state, int error) {
  if (state->error == 0) state->error = error;
}

// Moves `size` bytes by calls of `transfer(done)` and returns how many came through; errno tells why it ended early.
template <class Transfer>
std::size_t transfer_all(std::size_t size, Transfer transfer) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = transfer(done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      if (count == 0) errno = ENOSPC;
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

H5FD_t* open_disk_file(const char* name, unsigned flags, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  int mode = O_CLOEXEC | ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY);
  if ((flags & H5F_ACC_CREAT) != 0) mode |= O_CREAT;
  if ((flags & H5F_ACC_EXCL) != 0) mode |= O_EXCL;
  if ((flags & H5F_ACC_TRUNC) != 0) mode |= O_TRUNC;
  const int descriptor = ::open(name, mode, 0666);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    info->state->error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return nullptr;
  }
  auto* file = new (std::nothrow) DiskFile{};
  if (file == nullptr) {
    ::close(descriptor);
    return nullptr;
  }
  info->state->error = 0;  // HDF5 tries to open a file before it creates it
  file->descriptor = descriptor;
  file->end_of_file = static_cast<haddr_t>(status.st_size);
  file->state = info->state;
  return &file->base;
}

herr_t close_disk_file(H5FD_t* base) {
  const std::unique_ptr<DiskFile> file(disk_file(base));
  if (::close(file->descriptor) != 0) note_failure(file->state, errno);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_SUPPORTS_SWMR_IO | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) { return disk_file(file)->end_of_allocation; }

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  disk_file(file)->end_of_allocation = address;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return disk_file(file)->end_of_file; }

// Bytes behind the end of the file are zeros, as HDF5 expects.
herr_t read_bytes(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  const DiskFile* file = disk_file(base);
  auto* target = static_cast<unsigned char*>(buffer);
  errno = 0;
  const std::size_t done = transfer_all(size, [&](std::size_t from) {
    const ssize_t count = ::pread(file->descriptor, target + from, size - from, static_cast<off_t>(address + from));
    if (count != 0) return count;
    std::memset(target + from, 0, size - from);
    return static_cast<ssize_t>(size - from);
  });
  for (const UnmadeWrite& write : file->unmade) {
    const haddr_t first = std::max(address, write.address);
    const haddr_t last = std::min(address + size, write.address + write.bytes.size());
    if (first < last)
      std::memcpy(target + (first - address), write.bytes.data() + (first - write.address), last - first);
  }
  return done == size ? 0 : -1;
}

herr_t keep_unmade(DiskFile* file, haddr_t address, const unsigned char* source, std::size_t size) {
  try {
    file->unmade.push_back({address, {source, source + size}});
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return 0;
}

// The superblock states the length of the file, and readers refuse a shorter one: so the file gets that length first.
void lengthen(DiskFile* file) {
  if (file->state->error != 0 || file->end_of_file >= file->end_of_allocation) return;
  if (::ftruncate(file->descriptor, static_cast<off_t>(file->end_of_allocation)) != 0) note_failure(file->state, errno);
  file->end_of_file = file->end_of_allocation;
}

herr_t write_bytes(H5FD_t* base, H5FD_mem_t kind, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  DiskFile* file = disk_file(base);
  if (kind == H5FD_MEM_SUPER) lengthen(file);
  const auto* source = static_cast<const unsigned char*>(buffer);
  if (file->state->error == 0) {
    const std::size_t done = transfer_all(size, [&](std::size_t from) {
      return ::pwrite(file->descriptor, source + from, size - from, static_cast<off_t>(address + from));
    });
    if (done < size) note_failure(file->state, errno);
  }
  file->end_of_file = std::max<haddr_t>(file->end_of_file, address + size);
  return file->state->error == 0 ? 0 : keep_unmade(file, address, source, size);
}

// Files end where HDF5's allocations end.
herr_t truncate_file(H5FD_t* base, hid_t, hbool_t) {
  DiskFile* file = disk_file(base);
  if (file->end_of_allocation == file->end_of_file) return 0;
  if (file->state->error == 0 && ::ftruncate(file->descriptor, static_cast<off_t>(file->end_of_allocation)) != 0)
    note_failure(file->state, errno);
  file->end_of_file = file->end_of_allocation;
  return 0;
}

// A run has its own lock file; but HDF5 marks only those files as open for writing whose driver has locks.
herr_t lock(H5FD_t*, hbool_t) { return 0; }
herr_t unlock(H5FD_t*) { return 0; }

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
  driver.name = "duel-disk";
  driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_disk_file;
  driver.close = close_disk_file;
  driver.query = query;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_bytes;
  driver.write = write_bytes;
  driver.truncate = truncate_file;
  driver.lock = lock;
  driver.unlock = unlock;
  constexpr H5FD_mem_t free_lists[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(free_lists), std::end(free_lists), driver.fl_map);
  return driver;
}

}  // namespace

void use_disk_driver(const hdf5::Calls& calls, hid_t access, DiskState& state) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t registered = H5FDregister(&driver);
  calls.check(registered, "register a file driver");
  const DriverInfo info{&state};
  calls.check(H5Pset_driver(access, registered, &info), "choose the file driver");
}

}  // namespace duel
