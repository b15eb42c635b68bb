// One file from the web, complete and checked, or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace duel {

struct Download {
  std::string url;  // http, https or file
  std::filesystem::path target;
  uint64_t bytes = 0;
  std::string sha256;  // lower-case hex
};

enum class DownloadEnd { already_there, downloaded, resumed };

// Called now and then with the bytes that are there so far.
using DownloadProgress = std::function<void(uint64_t bytes)>;

// Brings target.part to its whole length, going on where an earlier call stopped if the server can, checks it and gives
// it its name. Throws UserError(ExitCode::data) when the server cannot be reached or has another file, when the
// connection breaks (what came so far is kept), and when `target` exists with other content; ExitCode::storage when the
// file cannot be written.
DownloadEnd download(const Download& file, const DownloadProgress& progress = {});

// SHA-256 of a file of any size, read in pieces.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace duel
