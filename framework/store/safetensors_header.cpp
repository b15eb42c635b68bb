#include "store/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/error.hpp"

namespace duel {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Tensor = SafetensorsFile::Tensor;

constexpr std::size_t prefix = 8;                 // bytes of the header's length
constexpr uint64_t longest_header = 100'000'000;  // as other readers of the format have it
constexpr const char* metadata_key = "__metadata__";
constexpr const char* fetch_again = "fetch the file again";

std::string_view header_text(std::span<const std::byte> content, const fs::path& file) {
  if (content.size() < prefix) fail_safetensors(file, "is no safetensors file: it has no header", fetch_again);
  uint64_t length = 0;
  for (std::size_t i = 0; i < prefix; ++i) length |= std::to_integer<uint64_t>(content[i]) << (8 * i);
  const std::string_view rest(reinterpret_cast<const char*>(content.data()) + prefix, content.size() - prefix);
  if (length > longest_header || (!rest.empty() && rest[0] != '{')) {
    fail_safetensors(file, "is no safetensors file", "save the weights with safetensors.torch.save_file");
  }
  if (length > rest.size()) fail_safetensors(file, "ends within its header", fetch_again);
  return rest.substr(0, length);
}

// The JSON of the header; that of a name which is there twice would have kept only one of the two.
json parse_header(std::string_view text, const fs::path& file) {
  std::map<int, std::set<std::string>> keys;  // of the objects that are open, by depth
  std::string twice;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys[depth + 1].clear();
    if (event == json::parse_event_t::key && !keys[depth].insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), watch, false);
  if (!header.is_object()) fail_safetensors(file, "its header is no JSON object");
  if (!twice.empty()) fail_safetensors(file, fmt::format("its header names '{}' twice", twice));
  return header;
}

// One entry of the header.
class TensorReader {
 public:
  TensorReader(const std::string& name, const json& entry, uint64_t data_size, const fs::path& file)
      : name_(name), entry_(entry), data_size_(data_size), file_(file) {}

  // `begin` of the result counts from the first tensor's byte.
  Tensor read() const {
    if (!entry_.is_object()) fail("is no object");
    const json& type = member("dtype", json::value_t::string);
    Tensor tensor{type.get<std::string>(), {}, 0, 1};
    const uint64_t size = safetensors_element_size(tensor.type);
    if (size == 0) fail(fmt::format("has the type '{}', which is not known", tensor.type));
    uint64_t bytes = size;
    for (const json& extent : member("shape", json::value_t::array)) {
      const uint64_t value = number(extent, "shape");
      if (value > INT64_MAX || __builtin_mul_overflow(bytes, value, &bytes)) fail("claims more than fits anywhere");
      tensor.extents.push_back(static_cast<int64_t>(value));
      tensor.elements *= value;
    }
    const json& offsets = member("data_offsets", json::value_t::array);
    if (offsets.size() != 2) fail("has no two data_offsets");
    tensor.begin = number(offsets[0], "data_offsets");
    const uint64_t end = number(offsets[1], "data_offsets");
    if (tensor.begin > end || end > data_size_) {
      fail(fmt::format("claims the bytes {} to {} of {}", tensor.begin, end, data_size_));
    }
    if (end - tensor.begin != bytes) {
      fail(fmt::format("has {} bytes, {} of shape [{}] take {}", end - tensor.begin, tensor.type,
                       fmt::join(tensor.extents, ", "), bytes));
    }
    return tensor;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    fail_safetensors(file_, fmt::format("the tensor '{}' {}", name_, what));
  }

  const json& member(const char* key, json::value_t type) const {
    const auto found = entry_.find(key);
    if (found == entry_.end() || found->type() != type) fail(fmt::format("has no {}", key));
    return *found;
  }

  uint64_t number(const json& value, const char* key) const {
    if (!value.is_number_unsigned()) fail(fmt::format("has something in its {} that is no count", key));
    return value.get<uint64_t>();
  }

  const std::string& name_;
  const json& entry_;
  uint64_t data_size_;
  const fs::path& file_;
};

// The tensors fill the bytes behind the header, and each byte belongs to one of them.
void check_side_by_side(const std::map<std::string, Tensor>& tensors, uint64_t data_size, const fs::path& file) {
  std::vector<std::pair<uint64_t, uint64_t>> places;
  places.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) {
    places.emplace_back(tensor.begin, tensor.begin + tensor.elements * safetensors_element_size(tensor.type));
  }
  std::ranges::sort(places);
  uint64_t filled = 0;
  for (const auto& [begin, end] : places) {
    if (begin < filled) fail_safetensors(file, fmt::format("two tensors claim the byte {} of the data", begin));
    if (begin > filled) fail_safetensors(file, fmt::format("no tensor claims the byte {} of the data", filled));
    filled = end;
  }
  if (filled != data_size) {
    fail_safetensors(file, fmt::format("holds {} bytes of data, its header tells of {}", data_size, filled));
  }
}

}  // namespace

void fail_safetensors(const fs::path& file, const std::string& what, const std::string& remedy) {
  throw UserError(ExitCode::data, Problem{{file.string(), 0, 0}, {}, what, remedy, {}});
}

uint64_t safetensors_element_size(const std::string& type) {
  constexpr std::array<std::pair<std::string_view, uint64_t>, 16> sizes{{{"BOOL", 1},
                                                                         {"U8", 1},
                                                                         {"I8", 1},
                                                                         {"F8_E4M3", 1},
                                                                         {"F8_E5M2", 1},
                                                                         {"F8_E8M0", 1},
                                                                         {"U16", 2},
                                                                         {"I16", 2},
                                                                         {"F16", 2},
                                                                         {"BF16", 2},
                                                                         {"U32", 4},
                                                                         {"I32", 4},
                                                                         {"F32", 4},
                                                                         {"U64", 8},
                                                                         {"I64", 8},
                                                                         {"F64", 8}}};
  const auto found = std::ranges::find(sizes, type, [](const auto& known) { return known.first; });
  return found == sizes.end() ? 0 : found->second;
}

std::map<std::string, Tensor> parse_safetensors_header(std::span<const std::byte> content, const fs::path& file) {
  const std::string_view text = header_text(content, file);
  const json header = parse_header(text, file);
  const uint64_t data_start = prefix + text.size();
  const uint64_t data_size = content.size() - data_start;
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == metadata_key) continue;  // texts for people
    tensors[name] = TensorReader(name, entry, data_size, file).read();
  }
  check_side_by_side(tensors, data_size, file);
  for (auto& [name, tensor] : tensors) tensor.begin += data_start;
  return tensors;
}

}  // namespace duel
