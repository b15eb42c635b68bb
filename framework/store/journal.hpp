// An append-only file of JSON records, each on a line behind a checksum that covers it and all before it. Several
// processes append, each while it holds the lock of the journal. What was appended is on the disk. A writer that is
// killed leaves at most one torn line at the end, which readers pass over and the next writer removes, also one whose
// end came to the disk before its beginning; anything else that does not fit the checksums is damage and an error.
//
//   <16 hexadecimal digits> <JSON>\n      the digits: SHA-256 of the digits of the line before and the JSON, its
//   beginning
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace duel {

// Reads on from where the last call ended. One thread.
class JournalReader {
 public:
  explicit JournalReader(std::filesystem::path file) : file_(std::move(file)) {}

  // The records that are new since the last call. Throws UserError(ExitCode::data) for damage, naming the line.
  std::vector<nlohmann::json> read();

  // Where the next record goes, and the checksum before it: for writers that hold the lock.
  uint64_t end() const { return end_; }
  const std::string& checksum() const { return checksum_; }

 private:
  std::filesystem::path file_;
  uint64_t end_ = 0;
  int64_t lines_ = 0;
  std::string checksum_;
};

// Appends one record behind those that `reader` has read, and syncs it to the disk. The caller holds the lock of the
// journal, and has read it since. Throws UserError(ExitCode::storage); the record is then not there, or torn.
void append_record(const std::filesystem::path& file, const JournalReader& reader, const nlohmann::json& record);

}  // namespace duel
