#include "base/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_prefix = ".duel-";
constexpr std::string_view temporary_suffix = ".tmp";

// ---- system calls that can be made to fail

FaultPlan fault_plan;
std::atomic<int64_t> calls = 0;

enum class Fault { none, error, short_write };

// Counts a call and says what the plan has for it.
Fault next_fault() {
  const int64_t call = ++calls;
  const bool hit =
      fault_plan.call > 0 && (call == fault_plan.call || (fault_plan.persistent && call > fault_plan.call));
  if (!hit) return Fault::none;
  return fault_plan.error == 0 ? Fault::short_write : Fault::error;
}

// Makes a system call that returns −1 for failure, again when a signal interrupted it.
template <class Call>
auto retried(Call call) {
  for (;;) {
    const Fault fault = next_fault();
    if (fault == Fault::error) errno = fault_plan.error;
    const auto result = fault == Fault::error ? decltype(call(fault)){-1} : call(fault);
    if (result != -1 || errno != EINTR) return result;
  }
}

// May write less than asked, as write(2) may.
ssize_t write_some(int descriptor, const std::byte* data, std::size_t size) {
  return retried([&](Fault fault) {
    return ::write(descriptor, data, fault == Fault::short_write ? std::max<std::size_t>(1, size / 2) : size);
  });
}

// ---- failures

[[noreturn]] void fail(ExitCode code, const std::string& action, const fs::path& path, int error) {
  const std::string reason = std::generic_category().message(error);
  std::string remedy;
  if (error == ENOSPC || error == EDQUOT) remedy = "free some space, then go on";
  if (error == EROFS || error == EACCES || error == EPERM)
    remedy = "give this user the right to do so, or choose another place";
  throw UserError(code, Problem{{path.string(), 0, 0}, {}, fmt::format("cannot {}: {}", action, reason), remedy, {}});
}

[[noreturn]] void fail_reading(const fs::path& path, int error) { fail(ExitCode::data, "read", path, error); }
[[noreturn]] void fail_writing(const std::string& action, const fs::path& path, int error) {
  fail(ExitCode::storage, action, path, error);
}

// ---- descriptors

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int value() const { return value_; }
  bool valid() const { return value_ >= 0; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

Descriptor open_file(const fs::path& path, int flags) {
  return Descriptor(retried([&](Fault) { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); }));
}

// False for one that was removed while it was open.
bool has_a_name(const Descriptor& file) {
  struct stat state {};
  return ::fstat(file.value(), &state) == 0 && state.st_nlink > 0;
}

fs::path folder_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

void sync_folder(const fs::path& folder) {
  const Descriptor descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!descriptor.valid()) fail_writing("open the folder", folder, errno);
  const int result = retried([&](Fault) { return ::fsync(descriptor.value()); });
  // Some file systems cannot sync a folder and need not.
  if (result != 0 && errno != EINVAL && errno != ENOTSUP) fail_writing("sync the folder", folder, errno);
}

void write_all(int descriptor, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = write_some(descriptor, bytes.data(), bytes.size());
    if (written <= 0) fail_writing("write", path, written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void write_synced(int descriptor, std::span<const std::byte> bytes, const fs::path& path) {
  write_all(descriptor, bytes, path);
  if (retried([&](Fault) { return ::fsync(descriptor); }) != 0) fail_writing("sync", path, errno);
}

// "stem-2.ext" of "stem.ext"; the name itself for 1.
fs::path numbered(const fs::path& path, int64_t number) {
  if (number == 1) return path;
  return path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string());
}

// Makes the one folder: 0, or why not (an errno).
int make_folder(const fs::path& path) {
  if (retried([&](Fault) { return ::mkdir(path.c_str(), 0777); }) != 0) return errno;
  sync_folder(folder_of(path));
  return 0;
}

// Gives the file another name, or, where that is not free, returns false. Some file systems know one way, some the
// other; the second leaves the old name, too.
bool rename_to_free_name(const fs::path& from, const fs::path& to) {
  const auto renamed = [&](Fault) {
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  };
  if (retried(renamed) == 0) return true;
  if (errno == EINVAL && retried([&](Fault) { return ::link(from.c_str(), to.c_str()); }) == 0) {
    if (retried([&](Fault) { return ::unlink(from.c_str()); }) != 0) fail_writing("remove", from, errno);
    return true;
  }
  if (errno == EEXIST) return false;
  fail_writing("rename a file to", to, errno);
}

void rename_without_sync(const fs::path& from, const fs::path& to) {
  if (retried([&](Fault) { return ::rename(from.c_str(), to.c_str()); }) != 0)
    fail_writing("rename a file to", to, errno);
}

// ---- temporary files

// A new file beside its target, removed again unless it was renamed. It is locked as long as its writer lives, which
// is how sweep_temporaries tells a dead writer's file from a living one's.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) : target_(target) {
    do create();
    while (!is_ours());
  }
  ~TemporaryFile() {
    if (!renamed_) retried([&](Fault) { return ::unlink(path_.c_str()); });
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return file_.value(); }

  void become_target() {
    rename_without_sync(path_, target_);
    renamed_ = true;
  }
  // Under the target's name or the first numbered one that is free.
  fs::path become_new() {
    int64_t number = 1;
    while (!rename_to_free_name(path_, numbered(target_, number))) ++number;
    renamed_ = true;
    return numbered(target_, number);
  }

 private:
  void create() {
    static std::atomic<uint64_t> counter = 0;
    do {
      path_ = folder_of(target_) / fmt::format("{}{}-{}{}", temporary_prefix, ::getpid(), counter++, temporary_suffix);
      file_ = open_file(path_, O_WRONLY | O_CREAT | O_EXCL);
    } while (!file_.valid() && errno == EEXIST);
    if (!file_.valid()) fail_writing("create a file here", folder_of(target_), errno);
  }

  // False when a sweeper took the file between its creation and its lock. A file system without locks has no sweepers'
  // locks either: what was created is ours.
  bool is_ours() const {
    if (::flock(file_.value(), LOCK_EX | LOCK_NB) != 0) return errno != EWOULDBLOCK;
    return has_a_name(file_);
  }

  fs::path target_;
  fs::path path_;
  Descriptor file_;
  bool renamed_ = false;
};

bool has_living_writer(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return file.valid() && ::flock(file.value(), LOCK_EX | LOCK_NB) != 0;
}

// Asks for 0.1 s: whoever just looks whether the lock is held (is_locked) has let go by then.
bool take_lock(int descriptor) {
  constexpr int attempts = 20;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  errno = EWOULDBLOCK;
  return false;
}

[[noreturn]] void refuse_lock(const Descriptor& file, const fs::path& path) {
  if (errno != EWOULDBLOCK) fail_writing("lock", path, errno);
  char pid[32] = {};
  const bool known = ::pread(file.value(), pid, sizeof pid - 1, 0) > 0 && parse_integer(pid).has_value();
  throw UserError(ExitCode::in_use,
                  Problem{{path.string(), 0, 0},
                          {},
                          known ? fmt::format("in use by process {}", pid) : "in use by another process",
                          "wait until it ends, or stop it",
                          {}});
}

// Says in the file of a lock who has it.
void sign(const Descriptor& file, const fs::path& path) {
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file.value(), 0) != 0) fail_writing("write", path, errno);
  write_all(file.value(), std::as_bytes(std::span(pid)), path);
}

// ---- reading

Descriptor open_for_reading(const fs::path& path, uint64_t limit, uint64_t& size) {
  Descriptor file = open_file(path, O_RDONLY | O_NONBLOCK);  // a pipe without a writer must not hang us
  struct stat state {};
  if (!file.valid() || ::fstat(file.value(), &state) != 0) fail_reading(path, errno);
  if (S_ISDIR(state.st_mode)) fail_reading(path, EISDIR);
  const Position where{path.string(), 0, 0};
  if (!S_ISREG(state.st_mode)) throw UserError(ExitCode::data, Problem{where, {}, "is not a regular file", {}, {}});
  size = static_cast<uint64_t>(state.st_size);
  if (size > limit) {
    throw UserError(ExitCode::data,
                    Problem{where,
                            {},
                            fmt::format("has {}; at most {} are allowed here", format_bytes(size), format_bytes(limit)),
                            {},
                            {}});
  }
  return file;
}

// Reads as long as something comes, up to the size that the file had when it was opened.
template <class Container>
Container read_whole(const fs::path& path, uint64_t limit) {
  uint64_t size = 0;
  const Descriptor file = open_for_reading(path, limit, size);
  Container content(size, typename Container::value_type{});
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = ::read(file.value(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_reading(path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace

Bytes read_file(const fs::path& path, uint64_t limit) { return read_whole<Bytes>(path, limit); }

std::string read_text(const fs::path& path, uint64_t limit) { return read_whole<std::string>(path, limit); }

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  TemporaryFile file(path);
  write_synced(file.descriptor(), bytes, path);
  file.become_target();
  sync_folder(folder_of(path));
}

fs::path write_new_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  TemporaryFile file(path);
  write_synced(file.descriptor(), bytes, path);
  fs::path name = file.become_new();
  sync_folder(folder_of(path));
  return name;
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

std::vector<fs::path> create_folders(const fs::path& path) {
  fs::path folder;
  std::vector<fs::path> made;
  for (const fs::path& part : path) {
    folder /= part;
    if (part.empty() || part == "." || part == ".." || folder == folder.root_path()) continue;
    const int error = make_folder(folder);
    std::error_code ignored;
    if (error == 0) {
      made.push_back(folder);
    } else if (!fs::is_directory(folder, ignored)) {
      fail_writing("create the folder", folder, error);
    }
  }
  return made;
}

std::vector<fs::path> create_new_folder(const fs::path& path) {
  std::vector<fs::path> made = create_folders(folder_of(path));
  for (int64_t number = 1;; ++number) {
    const fs::path folder = numbered(path, number);
    const int error = make_folder(folder);
    if (error == EEXIST) continue;
    if (error != 0) fail_writing("create the folder", folder, error);
    made.push_back(folder);
    return made;
  }
}

void check_writable(const fs::path& folder) { const TemporaryFile probe(folder / "probe"); }

bool is_temporary_name(std::string_view name) {
  return name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix);
}

int sweep_temporaries(const fs::path& folder) {
  int removed = 0;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if (!is_temporary_name(path.filename().native()) || has_living_writer(path)) continue;
    if (retried([&](Fault) { return ::unlink(path.c_str()); }) == 0) {
      ++removed;
    } else if (errno != ENOENT) {
      fail_writing("remove", path, errno);
    }
  }
  if (error) fail_writing("list the folder", folder, error.value());
  return removed;
}

void remove_file(const fs::path& path) {
  if (retried([&](Fault) { return ::unlink(path.c_str()); }) != 0) fail_writing("remove", path, errno);
}

void rename_file(const fs::path& from, const fs::path& to) {
  rename_without_sync(from, to);
  sync_folder(folder_of(to));
}

void sync_file(const fs::path& path) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) fail_writing("open", path, errno);
  if (retried([&](Fault) { return ::fsync(file.value()); }) != 0) fail_writing("sync", path, errno);
}

std::string read_text_from(const fs::path& path, uint64_t offset) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.valid()) fail_reading(path, errno);
  std::string text;
  for (;;) {
    const std::size_t filled = text.size();
    text.resize(filled + 65536);
    const auto place = static_cast<off_t>(offset + filled);
    const ssize_t count = retried([&](Fault) { return ::pread(file.value(), text.data() + filled, 65536, place); });
    if (count < 0) fail_reading(path, errno);
    text.resize(filled + static_cast<std::size_t>(count));
    if (count == 0) return text;
  }
}

void append_to_file(const fs::path& path, uint64_t size, std::string_view text) {
  const Descriptor file = open_file(path, O_WRONLY | O_CREAT);
  if (!file.valid()) fail_writing("open", path, errno);
  const auto end = static_cast<off_t>(size);
  if (retried([&](Fault) { return ::ftruncate(file.value(), end); }) != 0) fail_writing("shorten", path, errno);
  if (::lseek(file.value(), end, SEEK_SET) != end) fail_writing("append to", path, errno);
  write_all(file.value(), std::as_bytes(std::span(text)), path);
  if (retried([&](Fault) { return ::fsync(file.value()); }) != 0) fail_writing("sync", path, errno);
}

FileLock::FileLock(const fs::path& path) {
  Descriptor file;
  do {
    file = open_file(path, O_RDWR | O_CREAT);
    if (!file.valid()) fail_writing("open", path, errno);
    if (!take_lock(file.value())) refuse_lock(file, path);
  } while (!has_a_name(file));  // who had it has removed it: others lock a new one
  sign(file, path);
  descriptor_ = file.release();
}

FileLock FileLock::waited_for(const fs::path& path) {
  FileLock lock;
  Descriptor file = open_file(path, O_RDWR | O_CREAT);
  if (!file.valid()) fail_writing("open", path, errno);
  if (retried([&](Fault) { return ::flock(file.value(), LOCK_EX); }) != 0) fail_writing("lock", path, errno);
  sign(file, path);
  lock.descriptor_ = file.release();
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

bool is_locked(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  // Shared, so that two that look at once do not take one another for the owner.
  return file.valid() && ::flock(file.value(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

void inject_fault(const FaultPlan& plan) {
  fault_plan = plan;
  calls = 0;
}

int64_t file_calls_since_injection() { return calls; }

}  // namespace duel
