#include "tools/data/download.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <mutex>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::data, Problem{{where, 0, 0}, {}, what, remedy, {}});
}

// A file that grows at its end. What is written is the system's at once: a download that is killed can go on.
class GrowingFile {
 public:
  explicit GrowingFile(const fs::path& path)
      : path_(path), descriptor_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail_storage();
  }
  ~GrowingFile() { close(descriptor_); }
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void append(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t written = write(descriptor_, data, size);
      if (written < 0 && errno != EINTR) fail_storage();
      if (written < 0) continue;
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }

 private:
  [[noreturn]] void fail_storage() const {
    throw UserError(
        ExitCode::storage,
        Problem{{path_.string(), 0, 0}, {}, "cannot be written: " + std::generic_category().message(errno), {}, {}});
  }

  const fs::path& path_;
  int descriptor_;
};

// What the callbacks of one transfer share. Exceptions must not pass through libcurl.
struct Transfer {
  GrowingFile file;
  uint64_t bytes;
  uint64_t most;
  const DownloadProgress& progress;
  std::exception_ptr error{};
};

std::size_t on_data(char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (size > transfer.most - transfer.bytes) return 0;  // more than the file has: libcurl gives up
  try {
    transfer.file.append(data, size);
    transfer.bytes += size;
    if (transfer.progress) transfer.progress(transfer.bytes);
  } catch (...) {
    transfer.error = std::current_exception();
    return 0;
  }
  return size;
}

struct CurlCleanup {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

struct TransferEnd {
  CURLcode code = CURLE_OK;
  std::string reason;
};

// Appends what the URL has from byte `begin` on.
TransferEnd transfer_from(const std::string& url, uint64_t begin, Transfer& transfer) {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, CurlCleanup> curl(curl_easy_init());
  DUEL_CHECK(curl != nullptr, "libcurl does not start");
  std::array<char, CURL_ERROR_SIZE> message{};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, message.data());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(begin));
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second …
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);  // … for so many seconds: the connection is dead
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "duel");
  TransferEnd end;
  end.code = curl_easy_perform(curl.get());
  end.reason = message[0] != '\0' ? message.data() : curl_easy_strerror(end.code);
  return end;
}

uint64_t size_or_zero(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : size;
}

class Downloader {
 public:
  Downloader(const Download& file, const DownloadProgress& progress)
      : file_(file), part_(file.target.string() + ".part"), progress_(progress) {}

  DownloadEnd run() {
    std::error_code error;
    if (fs::exists(file_.target, error)) {
      if (sha256_of_file(file_.target) == file_.sha256) return DownloadEnd::already_there;
      fail(file_.target.string(), "is there, but is not the published file", "move it away, and run this again");
    }
    if (!file_.target.parent_path().empty()) create_folders(file_.target.parent_path());
    const bool resumed = size_or_zero(part_) > 0;
    if (resumed && finish()) return DownloadEnd::resumed;
    if (resumed) remove_file(part_);  // it was the beginning of some other file
    if (finish()) return DownloadEnd::downloaded;
    const std::string found = sha256_of_file(part_);
    remove_file(part_);
    fail(file_.url, fmt::format("is another file than expected: SHA-256 {}, expected {}", found, file_.sha256),
         "choose another source with --url");
  }

 private:
  // Whether the part, brought to its whole length, is the file wanted.
  bool finish() {
    if (size_or_zero(part_) < file_.bytes) fetch_rest();
    if (size_or_zero(part_) != file_.bytes || sha256_of_file(part_) != file_.sha256) return false;
    sync_file(part_);
    rename_file(part_, file_.target);
    return true;
  }

  void fetch_rest() {
    const uint64_t begin = size_or_zero(part_);
    Transfer transfer{GrowingFile(part_), begin, file_.bytes, progress_};
    const TransferEnd end = transfer_from(file_.url, begin, transfer);
    if (transfer.error) std::rethrow_exception(transfer.error);
    if (end.code == CURLE_OK) return;
    const bool cannot_resume = end.code == CURLE_RANGE_ERROR || end.code == CURLE_BAD_DOWNLOAD_RESUME;
    if (begin > 0 && cannot_resume) {
      remove_file(part_);
      return fetch_rest();
    }
    if (end.code == CURLE_WRITE_ERROR) {
      remove_file(part_);
      fail(file_.url, fmt::format("has more than the {} bytes of the published file", file_.bytes),
           "choose another source with --url");
    }
    const uint64_t have = size_or_zero(part_);
    if (have == 0) remove_file(part_);
    fail(file_.url, fmt::format("cannot be fetched: {}", end.reason),
         have > 0 ? fmt::format("run this again to go on after the {} that came", format_bytes(have)) : "");
  }

  const Download& file_;
  fs::path part_;
  const DownloadProgress& progress_;
};

}  // namespace

DownloadEnd download(const Download& file, const DownloadProgress& progress) {
  return Downloader(file, progress).run();
}

std::string sha256_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  Sha256 hash;
  while (file) {
    file.read(block.data(), std::ssize(block));
    hash.update(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
  }
  if (!file.eof()) fail(path.string(), "cannot be read");
  return hash.hex();
}

}  // namespace duel
