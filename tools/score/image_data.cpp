#include "tools/score/image_data.hpp"

#include <algorithm>
#include <array>

#include "base/parallel.hpp"
#include "data/dataset.hpp"
#include "data/errors.hpp"
#include "data/image.hpp"

namespace duel {
namespace {

// Parameters of data sets that say what was done to the pixels, and which part of the data they are.
constexpr std::array pixel_parameters{"size", "fit", "channels", "background"};
constexpr const char* part_parameter = "part";

std::string inline_text(const YamlNode& node) {
  if (!node.is_sequence()) return node.text;
  std::string text;
  for (const YamlNode& item : node.items) text += fmt::format("{}{}", text.empty() ? "" : " × ", item.text);
  return text;
}

// The parameter of the description, or null.
const YamlNode* parameter(const YamlNode& written, const char* name) {
  const bool whole = written.is_map() && written.entries.size() == 1 && written.entries[0].value.is_map();
  return whole ? written.entries[0].value.find(name) : nullptr;
}

// What the description says of the origin of the pixels.
FeatureOrigin origin_of(const YamlNode& written) {
  FeatureOrigin origin{"pixels", {}, {}, {}};
  for (const char* name : pixel_parameters) {
    const YamlNode* value = parameter(written, name);
    if (value == nullptr) continue;
    origin.preprocessing += fmt::format("{}{} {}", origin.preprocessing.empty() ? "" : ", ", name, inline_text(*value));
  }
  if (const YamlNode* part = parameter(written, part_parameter)) origin.split = part->text;
  if (origin.preprocessing.empty()) origin.preprocessing = "none";
  return origin;
}

std::unique_ptr<Dataset> open(const YamlNode& written, const Registry& registry) {
  Problems problems;
  ReadContext context{registry, problems, {}};
  const auto source = registry.datasets.read(written, context);
  problems.throw_if_any();
  auto dataset = source->open({.skip_bad_files = source->has_separate_files()});
  const std::vector<Problem> bad = dataset->skipped_files();
  if (bad.empty()) return dataset;
  Problem first = bad.front();
  if (bad.size() > 1) first.what += fmt::format(" ({} more are bad)", bad.size() - 1);
  const YamlNode* path = parameter(written, "path");
  if (path != nullptr && first.remedy.find("'size'") != std::string::npos) {
    first.remedy = fmt::format("write 'images: {{path: {}, size: 64}}' to bring all to one size", path->text);
  }
  throw UserError(ExitCode::data, first);
}

std::size_t image_field(const std::string& name, const Dataset& dataset) {
  const std::vector<Field>& fields = dataset.fields();
  const auto is_image = [](const Field& field) { return field.shape.rank() == 3; };
  const auto images = std::ranges::count_if(fields, is_image);
  if (images != 1) {
    fail_data(name, images == 0 ? "holds no images" : "has several images in an example",
              "give features as FILE.npy or FILE.h5:/DATASET, or data with one image an example");
  }
  return static_cast<std::size_t>(std::ranges::find_if(fields, is_image) - fields.begin());
}

std::optional<std::size_t> label_field(const Dataset& dataset) {
  const std::vector<Field>& fields = dataset.fields();
  const auto found = std::ranges::find_if(fields, [](const Field& field) { return field.classes > 0; });
  return found == fields.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - fields.begin()));
}

}  // namespace

FeatureMatrix read_images(const std::string& name, const YamlNode& written, const Registry& registry) {
  constexpr int64_t examples_a_tile = 64;
  const std::unique_ptr<Dataset> dataset = open(written, registry);
  if (!dataset->size()) fail_data(name, "has no end", "give data of so many examples as are to be scored");
  const std::size_t image = image_field(name, *dataset);
  const std::optional<std::size_t> label = label_field(*dataset);
  const Shape& shape = dataset->fields()[image].shape;
  const int64_t count = *dataset->size();
  Bytes bytes(static_cast<std::size_t>(count * shape.elements()));
  std::vector<int64_t> labels(label ? static_cast<std::size_t>(count) : 0);
  for_tiles((count + examples_a_tile - 1) / examples_a_tile, [&](int64_t tile) {
    std::vector<std::vector<float>> values;
    std::vector<float*> out;
    for (const Field& field : dataset->fields()) {
      out.push_back(values.emplace_back(static_cast<std::size_t>(field.shape.elements())).data());
    }
    for (int64_t i = tile * examples_a_tile; i < std::min(count, (tile + 1) * examples_a_tile); ++i) {
      dataset->read(i, out);
      floats_to_image(values[image], 8, bytes.data() + i * shape.elements());
      if (label) labels[static_cast<std::size_t>(i)] = static_cast<int64_t>(values[*label][0]);
    }
  });
  FeatureMatrix images(count, shape, ElementType::u8, std::move(bytes), 0, name, origin_of(written));
  return label ? std::move(images).with_labels(std::move(labels)) : images;
}

}  // namespace duel
