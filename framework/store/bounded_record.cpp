#include "store/bounded_record.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace duel {
namespace {

using nlohmann::json;

constexpr const char* warnings_key = "warnings";
constexpr std::array<const char*, 8> kept_at_last{"metric",  "value",      "uncertainty", "floor",
                                                  "floor_n", "floor_seed", "n_real",      "n_fake"};

json parsed(const std::string& record) {
  json out = json::parse(record, nullptr, false);
  DUEL_CHECK(out.is_object(), "a record of {} bytes is no JSON object", record.size());
  return out;
}

}  // namespace

std::string bounded_record(const std::string& record, std::size_t longest) {
  if (record.size() <= longest) return record;
  json out = parsed(record);
  json warnings = out.value(warnings_key, json::array());
  for (std::size_t dropped = 1; !warnings.empty(); ++dropped) {
    warnings.erase(warnings.size() - 1);
    out[warnings_key] = warnings;
    out[warnings_key].push_back(
        fmt::format("{} more warning{} left out, for want of space", dropped, dropped == 1 ? " was" : "s were"));
    const std::string text = out.dump();
    if (text.size() <= longest) return text;
  }
  json least = {{warnings_key, {"the rest of the record was left out, for want of space"}}};
  for (const char* key : kept_at_last) {
    if (out.contains(key)) least[key] = out[key];
  }
  const std::string text = least.dump();
  DUEL_CHECK(text.size() <= longest, "a record of {} bytes does without text, in {} bytes", text.size(), longest);
  return text;
}

}  // namespace duel
