// The file layer: every write of a checkpoint, picture, journal or record that is not HDF5's own goes through here, so
// that a test can make its n-th call fail. All failures are UserError (ExitCode::storage for writing, ExitCode::data
// for reading), naming the path and the system's reason. EINTR and short writes are handled inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duel {

using Bytes = std::vector<std::byte>;

// Whole file. More than `limit` bytes is an error before anything is read.
Bytes read_file(const std::filesystem::path& path, uint64_t limit = UINT64_MAX);
std::string read_text(const std::filesystem::path& path, uint64_t limit = UINT64_MAX);

// Writes path whole or not at all: temporary file in the same folder, fsync, rename, fsync of the folder.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);
// The same under a name that nothing has yet: `path`, or the first of "stem-2.ext", "stem-3.ext", … that is free when
// the file is done, whoever else writes here at the same time. Nothing is replaced. Returns the name.
std::filesystem::path write_new_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

// What the file holds from `offset` on; nothing where it ends before.
std::string read_text_from(const std::filesystem::path& path, uint64_t offset);
// Cuts the file off at `size`, appends the text and syncs. The file is made if it is missing. For one writer at a time.
void append_to_file(const std::filesystem::path& path, uint64_t size, std::string_view text);

// Creates path and its parents. Returns those that this call has made itself, outer ones first: none that was there, or
// that another process made meanwhile.
std::vector<std::filesystem::path> create_folders(const std::filesystem::path& path);
// Creates `path`, or the first of "stem-2", "stem-3", … that is free, and its parents. The last of the folders made, as
// create_folders returns them, is this call's alone, whoever else wants one at the same time.
std::vector<std::filesystem::path> create_new_folder(const std::filesystem::path& path);
// Throws ExitCode::storage unless a file can be created in `folder`.
void check_writable(const std::filesystem::path& folder);
// Removes the temporary files that interrupted write_file_atomically calls left in `folder`; returns how many.
int sweep_temporaries(const std::filesystem::path& folder);
// Whether a file's name is that of such a temporary file, finished or not.
bool is_temporary_name(std::string_view name);
void remove_file(const std::filesystem::path& path);
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);  // and fsync of the folder
void sync_file(const std::filesystem::path& path);

// An exclusive flock on a file that holds the owner's pid. Released on destruction and when the process dies.
class FileLock {
 public:
  // Asks for 0.1 s, in which whoever only looks (is_locked) lets go; then throws UserError(ExitCode::in_use) that names
  // the pid of the process that holds it. What it has locked is the file that stands at `path`, not one removed since.
  explicit FileLock(const std::filesystem::path& path);
  // Waits until whoever holds it lets go.
  static FileLock waited_for(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  FileLock() = default;

  int descriptor_ = -1;
};

// Whether a process holds the FileLock of `path`; false where there is no such file. Creates nothing, and keeps nobody
// from the lock: it looks for an instant, and FileLock asks for longer.
bool is_locked(const std::filesystem::path& path);

// For tests: makes the n-th following system call of this layer (open, write, fsync, rename, unlink, mkdir: each
// counts) fail with `error` (an errno), once or from then on. A short write is `error` 0. Process-wide; not for use
// while other threads write.
struct FaultPlan {
  int64_t call = 0;  // counts from 1; 0 switches faults off
  int error = 0;
  bool persistent = false;
};
void inject_fault(const FaultPlan& plan);
int64_t file_calls_since_injection();

}  // namespace duel
