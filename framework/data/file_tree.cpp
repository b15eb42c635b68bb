#include "data/file_tree.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/text.hpp"
#include "data/arrays.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path& name) {
  const std::string text = name.string();
  return text.starts_with('.') || text.starts_with("__MACOSX");
}

struct Listing {
  std::vector<std::string> files;
  std::vector<std::string> folders;
};

Listing list_folder(const fs::path& root, const std::function<bool(const std::string&)>& wanted) {
  Listing out;
  std::error_code error;
  fs::recursive_directory_iterator entry(root, error);
  const fs::recursive_directory_iterator end;
  for (; !error && entry != end; entry.increment(error)) {
    if (hidden(entry->path().filename())) {
      entry.disable_recursion_pending();
      continue;
    }
    const std::string name = entry->path().lexically_relative(root).generic_string();
    std::error_code ignored;  // a link that leads nowhere is no file
    if (entry->is_symlink() ? false : entry->is_directory(ignored)) {
      out.folders.push_back(name);
    } else if (entry->is_regular_file(ignored) && wanted(name)) {
      out.files.push_back(name);
    }
  }
  if (error) fail_data(root, "cannot list the folder: " + error.message());
  std::ranges::sort(out.files);
  std::ranges::sort(out.folders);
  return out;
}

class ArchiveReader {
 public:
  explicit ArchiveReader(const fs::path& path) : path_(path), archive_(archive_read_new()) {
    DUEL_CHECK(archive_ != nullptr, "libarchive does not start");
    // Only what libarchive does itself: it would start programs for other kinds of compression.
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_bzip2(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip(archive_.get());
    constexpr std::size_t block = 1 << 16;
    if (archive_read_open_filename(archive_.get(), path_.c_str(), block) != ARCHIVE_OK) fail_as_unknown();
  }

  // The next entry, or null at the end.
  archive_entry* next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
      if (!begun_) fail_as_unknown();
      fail();
    }
    begun_ = true;
    return entry;
  }

  std::string name(archive_entry* entry) const {
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    if (name == nullptr) fail_data(path_, "an entry of the archive has a name that cannot be read");
    std::string text = name;
    while (text.starts_with("./")) text.erase(0, 2);
    while (text.ends_with('/')) text.pop_back();
    return text;
  }

  // The entry's content, of at most `limit` bytes: what the archive says of its size is not believed.
  Bytes content(uint64_t limit) {
    Bytes out;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
      const int result = archive_read_data_block(archive_.get(), &block, &size, &offset);
      if (result == ARCHIVE_EOF) return out;
      if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
      const uint64_t end = static_cast<uint64_t>(offset) + size;
      if (offset < 0 || end > limit) {
        fail_data(path_, fmt::format("holds more than {}", format_bytes(largest_array)), "unpack it into a folder");
      }
      out.resize(std::max<std::size_t>(out.size(), end));  // sparse files have gaps, which are zeros
      std::copy_n(static_cast<const std::byte*>(block), size, out.data() + offset);
    }
  }

 private:
  std::string reason() const {
    const char* reason = archive_error_string(archive_.get());
    return reason != nullptr ? reason : "libarchive refused it";
  }
  [[noreturn]] void fail() const {
    fail_data(path_, fmt::format("the archive is damaged ({})", reason()), "fetch the file again");
  }
  [[noreturn]] void fail_as_unknown() const {
    fail_data(path_, fmt::format("is neither a folder nor a tar or zip archive that can be read ({})", reason()));
  }

  struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
  };

  const fs::path& path_;
  std::unique_ptr<archive, Free> archive_;
  bool begun_ = false;
};

struct Packed {
  std::map<std::string, Bytes> files;
  std::set<std::string> folders;
};

bool hidden_anywhere(const fs::path& name) {
  for (const fs::path& part : name) {
    if (hidden(part)) return true;
  }
  return false;
}

Packed read_archive(const fs::path& path, const std::function<bool(const std::string&)>& wanted) {
  Packed out;
  uint64_t room = largest_array;
  ArchiveReader reader(path);
  while (archive_entry* entry = reader.next()) {
    const std::string name = reader.name(entry);
    if (name.empty() || hidden_anywhere(name)) continue;
    if (archive_entry_filetype(entry) == AE_IFDIR) out.folders.insert(name);
    for (fs::path parent = fs::path(name).parent_path(); !parent.empty() && parent != parent.parent_path();
         parent = parent.parent_path()) {
      out.folders.insert(parent.generic_string());
    }
    if (archive_entry_filetype(entry) != AE_IFREG || !wanted(name)) continue;
    Bytes content = reader.content(room);
    room -= content.size();
    out.files[name] = std::move(content);  // what was packed later is meant to replace
  }
  return out;
}

}  // namespace

FileTree::FileTree(const fs::path& root, const std::function<bool(const std::string& name)>& wanted) : root_(root) {
  std::error_code error;
  const fs::file_status status = fs::status(root, error);
  if (!fs::exists(status)) fail_data(root, "there is no such folder or file");
  if (fs::is_directory(status)) {
    Listing listing = list_folder(root, wanted);
    files_ = std::move(listing.files);
    folders_ = std::move(listing.folders);
    return;
  }
  is_archive_ = true;
  Packed packed = read_archive(root, wanted);
  folders_.assign(packed.folders.begin(), packed.folders.end());
  for (auto& [name, content] : packed.files) {
    files_.push_back(name);
    contents_.push_back(std::move(content));
  }
}

Bytes FileTree::read(std::size_t file) const {
  return is_archive_ ? contents_[file] : read_file(place(file), largest_array);
}

}  // namespace duel
