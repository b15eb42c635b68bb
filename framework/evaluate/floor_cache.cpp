#include "evaluate/floor_cache.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/version.hpp"

namespace duel {
namespace {

using nlohmann::json;

constexpr uint64_t largest_file = 1 << 20;
constexpr const char* key_name = "key";  // tells a file that was renamed
constexpr const char* n_name = "n";
constexpr const char* floors_name = "floors";

// The floors of a file, or nothing for one that is not as it was written.
std::optional<Floors> floors_in(const json& content, const FloorKey& key) {
  if (!content.is_object() || content.value(key_name, json()) != key.hex()) return std::nullopt;
  if (content.value(n_name, json()) != key.n) return std::nullopt;
  const json values = content.value(floors_name, json());
  if (!values.is_object() || values.empty()) return std::nullopt;
  Floors floors;
  for (const auto& [name, value] : values.items()) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
    floors[name] = {value.get<double>(), key.n};
  }
  return floors;
}

}  // namespace

std::string FloorKey::hex() const {
  // As JSON, so that no text can pass for the end of one and the beginning of the next.
  const json all{version(), content, metric, parameters, seed, n};
  return sha256_hex(all.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::optional<Floors> FloorCache::find(const FloorKey& key) const {
  try {
    return floors_in(json::parse(read_text(file_of(key), largest_file), nullptr, false), key);
  } catch (const UserError&) {
    return std::nullopt;
  }
}

void FloorCache::keep(const FloorKey& key, const Floors& floors) const {
  json values = json::object();
  for (const auto& [name, floor] : floors) values[name] = floor.value;
  const json content{{key_name, key.hex()}, {n_name, key.n}, {"metric", key.metric}, {floors_name, values}};
  try {
    create_folders(folder_);
    write_file_atomically(file_of(key), content.dump(1) + "\n");
  } catch (const UserError&) {
    // No more than time is lost.
  }
}

}  // namespace duel
