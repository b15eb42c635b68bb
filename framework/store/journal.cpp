#include "store/journal.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/hash.hpp"

namespace duel {
namespace {

constexpr std::size_t digits = 16;

std::string checksum_of(const std::string& before, std::string_view json) {
  Sha256 hash;
  hash.update(before);
  hash.update(json);
  return hash.hex().substr(0, digits);
}

// The record of a line, or nothing if its checksum or JSON does not fit.
std::optional<nlohmann::json> record_of(std::string_view line, const std::string& before) {
  if (line.size() <= digits + 1 || line[digits] != ' ') return std::nullopt;
  const std::string_view text = line.substr(digits + 1);
  if (line.substr(0, digits) != checksum_of(before, text)) return std::nullopt;
  auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

}  // namespace

std::vector<nlohmann::json> JournalReader::read() {
  const std::string text = read_text_from(file_, end_);
  std::vector<nlohmann::json> records;
  std::size_t begin = 0;
  for (std::size_t stop = text.find('\n'); stop != std::string::npos; stop = text.find('\n', begin)) {
    const std::string_view line = std::string_view(text).substr(begin, stop - begin);
    auto record = record_of(line, checksum_);
    if (!record) {
      if (stop + 1 == text.size()) break;  // the last line: torn
      throw UserError(ExitCode::data, Problem{{file_.string(), static_cast<int>(lines_ + 1), 0},
                                              {},
                                              "this line of the journal is damaged",
                                              "restore the file from a copy, or start a new sweep",
                                              {}});
    }
    checksum_ = line.substr(0, digits);
    records.push_back(std::move(*record));
    begin = stop + 1;
    ++lines_;
  }
  end_ += begin;
  return records;
}

void append_record(const std::filesystem::path& file, const JournalReader& reader, const nlohmann::json& record) {
  const std::string text = record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  append_to_file(file, reader.end(), fmt::format("{} {}\n", checksum_of(reader.checksum(), text), text));
}

}  // namespace duel
