// Floors that were computed before, as small files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "evaluate/record.hpp"

namespace duel {

// Of the records of one metric, by the record's name.
using Floors = std::map<std::string, Floor>;

// What the floors of a metric depend on.
struct FloorKey {
  std::string content;     // hashes of the reals
  std::string metric;      // as it is written
  std::string parameters;  // that its records tell
  uint64_t seed = 0;
  int64_t n = 0;  // examples of each set

  // SHA-256 of all these and of the program's version.
  std::string hex() const;
};

// KEY.json in a folder, made when it is first needed. It saves time and is no store: what cannot be read, or is not
// what was written, counts as absent, and what cannot be written is not kept; neither is an error. Files are written
// atomically, so that processes can share the folder. Thread-safe.
class FloorCache {
 public:
  explicit FloorCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::optional<Floors> find(const FloorKey& key) const;
  void keep(const FloorKey& key, const Floors& floors) const;

 private:
  std::filesystem::path file_of(const FloorKey& key) const { return folder_ / (key.hex() + ".json"); }

  std::filesystem::path folder_;
};

}  // namespace duel
