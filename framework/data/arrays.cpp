#include "data/arrays.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/hash.hpp"
#include "data/content_key.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Calls visit with a value of the C++ type that `type` stands for.
template <class Visit>
decltype(auto) with_type(ElementType type, Visit&& visit) {
  switch (type) {
    case ElementType::u8:
      return visit(uint8_t{});
    case ElementType::i8:
      return visit(int8_t{});
    case ElementType::u16:
      return visit(uint16_t{});
    case ElementType::i16:
      return visit(int16_t{});
    case ElementType::u32:
      return visit(uint32_t{});
    case ElementType::i32:
      return visit(int32_t{});
    case ElementType::u64:
      return visit(uint64_t{});
    case ElementType::i64:
      return visit(int64_t{});
    case ElementType::f32:
      return visit(float{});
    case ElementType::f64:
      return visit(double{});
  }
  fail_check(__FILE__, __LINE__, "type", "an element type that does not exist");
}

// Values in a file need not be aligned.
template <class Number>
Number load(const std::byte* from) {
  Number value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class Number, class Out>
void convert(const std::byte* from, int64_t count, Out* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<Out>(load<Number>(from + i * sizeof(Number)));
}

Shape checked_shape(std::span<const int64_t> extents, const fs::path& file) {
  for (const int64_t extent : extents) {
    if (extent < 1) fail_data(file, fmt::format("its examples of {} hold nothing", extents_text(extents)));
  }
  return Shape(extents);
}

// What float32 cannot hold would reach the networks as infinity.
void check_finite(const ExampleArray& array) {
  if (array.type != ElementType::f32 && array.type != ElementType::f64) return;
  std::vector<float> example(static_cast<std::size_t>(array.field.shape.elements()));
  for (int64_t i = 0; i < array.examples(); ++i) {
    array.read(i, example.data());
    if (!std::ranges::all_of(example, [](float value) { return std::isfinite(value); })) {
      fail_data(array.file, fmt::format("{} of example {} (counted from 0) is not finite", array.field.name, i));
    }
  }
}

class ArrayDataset final : public Dataset {
 public:
  explicit ArrayDataset(std::vector<ExampleArray> arrays) : arrays_(std::move(arrays)) {
    Sha256 hash;
    for (const ExampleArray& array : arrays_) {
      fields_.push_back(array.field);
      hash.update(fmt::format("{} {} {} {}\n", array.field.name, to_string(array.field.shape), array.field.classes,
                              static_cast<int>(array.type)));
      hash.update(std::span(array.bytes).subspan(array.offset));
    }
    fingerprint_ = hash.hex();
  }

  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return arrays_.front().examples(); }
  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(out.size() == arrays_.size(), "{} outputs for {} fields", out.size(), arrays_.size());
    for (std::size_t f = 0; f < arrays_.size(); ++f) arrays_[f].read(index, out[f]);
  }
  std::string fingerprint() const override { return fingerprint_; }
  uint64_t content_key(int64_t index) const override {
    ContentKey key;
    for (const ExampleArray& array : arrays_) {
      if (array.field.classes > 0) continue;
      const auto size = static_cast<std::size_t>(array.field.shape.elements() * size_of(array.type));
      key.add(std::span(array.bytes).subspan(array.offset + static_cast<std::size_t>(index) * size, size));
    }
    return key.value();
  }

 private:
  std::vector<ExampleArray> arrays_;
  std::vector<Field> fields_;
  std::string fingerprint_;
};

}  // namespace

int64_t size_of(ElementType type) {
  return with_type(type, [](auto value) { return static_cast<int64_t>(sizeof value); });
}

void convert_elements(ElementType type, const std::byte* from, int64_t count, double* out) {
  with_type(type, [&](auto value) { convert<decltype(value)>(from, count, out); });
}

int64_t ExampleArray::examples() const {
  return static_cast<int64_t>(bytes.size() - offset) / (field.shape.elements() * size_of(type));
}

void ExampleArray::read(int64_t index, float* out) const {
  DUEL_CHECK(index >= 0 && index < examples(), "example {} of {}", index, examples());
  const int64_t count = field.shape.elements();
  const std::byte* from = bytes.data() + offset + index * count * size_of(type);
  with_type(type, [&](auto value) { convert<decltype(value)>(from, count, out); });
}

void check_channels_last(std::span<const int64_t> extents, const fs::path& file, const std::string& otherwise) {
  constexpr int64_t most_channels = 4, most_stretched = 4;
  if (extents.size() != 3 || extents[0] > most_channels) return;
  const auto [least, most] = std::minmax(extents[1], extents[2]);
  if (least <= most_channels || most / least >= most_stretched) return;
  std::string remedy = "write it with numpy.moveaxis(x, 1, -1)";
  if (!otherwise.empty()) remedy += "; " + otherwise;
  fail_data(file,
            fmt::format("its examples of {} look like images with their channels first, and duel takes images × height "
                        "× width × channels",
                        extents_text(extents)),
            remedy);
}

Shape image_shape(std::span<const int64_t> extents, const fs::path& file) {
  if (extents.size() == 2) return image_shape(std::array{extents[0], extents[1], int64_t{1}}, file);
  if (extents.size() != 3) {
    fail_data(file, fmt::format("expected images × height × width (× channels), found {} axes", extents.size() + 1));
  }
  check_channels_last(extents, file);
  return checked_shape(extents, file);
}

Shape point_shape(std::span<const int64_t> extents, const fs::path& file) {
  if (extents.empty()) return {1};
  // A batch and what plans add must fit the shapes, too.
  if (extents.size() > 4) fail_data(file, fmt::format("expected at most 5 axes, found {}", extents.size() + 1));
  return checked_shape(extents, file);
}

void count_classes(ExampleArray& labels) {
  constexpr int64_t most_classes = int64_t{1} << 24;  // float32 holds all whole numbers below
  labels.field.classes = 1;
  for (int64_t i = 0; i < labels.examples(); ++i) {
    float value = 0;
    labels.read(i, &value);
    if (!(value >= 0 && value < most_classes) || value != std::floor(value)) {
      fail_data(labels.file, fmt::format("label {} (counted from 0) is {}, expected a whole number from 0", i, value));
    }
    labels.field.classes = std::max(labels.field.classes, static_cast<int64_t>(value) + 1);
  }
}

std::unique_ptr<Dataset> make_array_dataset(std::vector<ExampleArray> arrays) {
  DUEL_CHECK(!arrays.empty(), "a data set without fields");
  const ExampleArray& first = arrays.front();
  if (first.examples() == 0) fail_data(first.file, "holds no examples");
  for (const ExampleArray& array : arrays) {
    if (array.examples() != first.examples()) {
      fail_data(array.file, fmt::format("has {} examples of {}, expected {} as of {} in {}", array.examples(),
                                        array.field.name, first.examples(), first.field.name, first.file.string()));
    }
    check_finite(array);
  }
  return std::make_unique<ArrayDataset>(std::move(arrays));
}

}  // namespace duel
