// A short hash of an example's values: equal examples have equal keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/hash.hpp"

namespace duel {

// The first 64 bits of SHA-256. Among a million examples two different ones share a key once in 37 million data sets.
class ContentKey {
 public:
  void add(std::span<const std::byte> bytes) { hash_.update(bytes); }
  uint64_t value() { return std::strtoull(hash_.hex().substr(0, 16).c_str(), nullptr, 16); }  // ends it; call once

 private:
  Sha256 hash_;
};

}  // namespace duel
