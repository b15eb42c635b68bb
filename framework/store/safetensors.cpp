#include "store/safetensors.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/half.hpp"
#include "store/safetensors_header.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

template <class Number>
Number number_at(const std::byte* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

float float_of_bits(uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double f64_at(const std::byte* bytes) { return number_at<double>(bytes); }
double f32_at(const std::byte* bytes) { return number_at<float>(bytes); }
double f16_at(const std::byte* bytes) { return half_of_bits(number_at<uint16_t>(bytes)); }
double bf16_at(const std::byte* bytes) { return float_of_bits(uint32_t{number_at<uint16_t>(bytes)} << 16); }

using ElementReader = double (*)(const std::byte* bytes);

// Null for types that are no floating-point numbers, or too coarse to be weights.
ElementReader element_reader(const std::string& type) {
  if (type == "F64") return f64_at;
  if (type == "F32") return f32_at;
  if (type == "F16") return f16_at;
  return type == "BF16" ? bf16_at : nullptr;
}

std::string type_of(const StoredArray& array) { return array.dtype == DType::float64 ? "F64" : "F32"; }

// In the order of their bytes: the wider type first, so that every tensor begins at a multiple of its element's size.
std::vector<std::string> names_in_order(const std::map<std::string, StoredArray>& tensors) {
  std::vector<std::string> names;
  for (const DType type : {DType::float64, DType::float32}) {
    for (const auto& [name, array] : tensors) {
      if (array.dtype == type) names.push_back(name);
    }
  }
  return names;
}

void append(Bytes& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

}  // namespace

SafetensorsFile::SafetensorsFile(fs::path file) : file_(std::move(file)), content_(read_file(file_)) {
  tensors_ = parse_safetensors_header(content_, file_);
}

const SafetensorsFile::Tensor* SafetensorsFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::vector<double> SafetensorsFile::read(const std::string& name) const {
  const Tensor* tensor = find(name);
  DUEL_CHECK(tensor != nullptr, "{} has no tensor '{}'", file_.string(), name);
  const ElementReader element = element_reader(tensor->type);
  if (element == nullptr) {
    fail_safetensors(file_, fmt::format("the tensor '{}' holds {}, expected F64, F32, F16 or BF16", name, tensor->type),
                     "convert it before it is saved, with .float()");
  }
  const uint64_t size = safetensors_element_size(tensor->type);
  std::vector<double> values(tensor->elements);
  for (uint64_t i = 0; i < tensor->elements; ++i) values[i] = element(content_.data() + tensor->begin + i * size);
  const auto bad = std::ranges::find_if(values, [](double value) { return !std::isfinite(value); });
  if (bad != values.end()) {
    fail_safetensors(file_,
                     fmt::format("the tensor '{}' holds {} as its element {}", name, *bad, bad - values.begin()));
  }
  return values;
}

void write_safetensors(const fs::path& file, const std::map<std::string, StoredArray>& tensors) {
  const std::vector<std::string> names = names_in_order(tensors);
  nlohmann::json header = nlohmann::json::object();
  uint64_t offset = 0;
  for (const std::string& name : names) {
    const StoredArray& array = tensors.at(name);
    const uint64_t end = offset + array.bytes.size();
    header[name] = {{"dtype", type_of(array)},
                    {"shape", std::vector<int64_t>(array.shape.begin(), array.shape.end())},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  Bytes content;
  content.reserve(sizeof length + length + offset);
  append(content, &length, sizeof length);
  append(content, text.data(), length);
  for (const std::string& name : names) append(content, tensors.at(name).bytes.data(), tensors.at(name).bytes.size());
  write_file_atomically(file, content);
}

}  // namespace duel
