// The files of a folder, or of an archive of one: tar (plain, gzip, bzip2, xz, zstd) or zip, by libarchive.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace duel {

// Names are relative to the root, with '/', in byte order. Hidden files and folders (names that begin with '.' or with
// "__MACOSX") are left out. Links to files are followed, links to folders are not. Immutable; thread-safe.
class FileTree {
 public:
  // Lists `root`, with the files for which `wanted(name)` is true. An archive is read whole, its wanted files kept in
  // memory as they are packed. Throws UserError(ExitCode::data) naming the root: missing, neither of both, damaged.
  FileTree(const std::filesystem::path& root, const std::function<bool(const std::string& name)>& wanted);

  const std::filesystem::path& root() const { return root_; }
  const std::vector<std::string>& files() const { return files_; }
  const std::vector<std::string>& folders() const { return folders_; }
  bool is_archive() const { return is_archive_; }

  Bytes read(std::size_t file) const;
  // For messages: root/name, also in an archive.
  std::filesystem::path place(std::size_t file) const { return root_ / files_[file]; }

 private:
  std::filesystem::path root_;
  std::vector<std::string> files_;
  std::vector<std::string> folders_;
  bool is_archive_ = false;
  std::vector<Bytes> contents_;  // of an archive's files
};

}  // namespace duel
