#include "tools/data/contact_sheet.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "plugins/samplers/grid.hpp"

namespace duel {
namespace {

constexpr int64_t columns = 10;
constexpr int64_t most_rows = 16;
constexpr double empty_cell = 96;  // the grey of the grid's lines

bool is_image(const Field& field) {
  return field.shape.rank() == 3 && (field.shape[2] == 1 || field.shape[2] == 3 || field.shape[2] == 4);
}

// Reads examples one by one.
class Reader {
 public:
  explicit Reader(const Dataset& dataset) : dataset_(dataset) {
    for (const Field& field : dataset.fields()) {
      out_.push_back(values_.emplace_back(static_cast<std::size_t>(field.shape.elements())).data());
    }
  }
  const std::vector<float>& field(int64_t example, std::size_t field) {
    if (example != last_) dataset_.read(example, out_);
    last_ = example;
    return values_[field];
  }

 private:
  const Dataset& dataset_;
  std::vector<std::vector<float>> values_;
  std::vector<float*> out_;
  int64_t last_ = -1;
};

std::vector<int64_t> examples_from_all_over(int64_t size) {
  const int64_t shown = std::min(size, columns * columns);
  std::vector<int64_t> out;
  for (int64_t i = 0; i < shown; ++i) out.push_back(i * size / shown);
  return out;
}

// The first examples of each class, a class after another; −1 where there are no more.
std::vector<int64_t> examples_by_class(const Dataset& dataset, std::size_t label, int64_t size, Reader& reader) {
  const int64_t rows = std::min(dataset.fields()[label].classes, most_rows);
  std::vector<int64_t> out(static_cast<std::size_t>(rows * columns), -1);
  std::vector<int64_t> found(static_cast<std::size_t>(rows), 0);
  int64_t missing = rows * columns;
  for (int64_t i = 0; i < size && missing > 0; ++i) {
    const auto row = static_cast<int64_t>(reader.field(i, label)[0]);
    if (row >= rows || found[static_cast<std::size_t>(row)] == columns) continue;
    out[static_cast<std::size_t>(row * columns + found[static_cast<std::size_t>(row)]++)] = i;
    --missing;
  }
  return out;
}

// The examples' images with three channels, alpha left out.
HostTensor gather(const Dataset& dataset, std::size_t field, const std::vector<int64_t>& examples, Reader& reader) {
  const Shape& shape = dataset.fields()[field].shape;
  HostTensor out{{std::ssize(examples), shape[0], shape[1], 3}, {}};
  const int64_t channels = shape[2];
  for (const int64_t example : examples) {
    for (int64_t pixel = 0; pixel < shape[0] * shape[1]; ++pixel) {
      for (int64_t c = 0; c < 3; ++c) {
        const int64_t at = pixel * channels + (channels == 1 ? 0 : c);
        out.values.push_back(example < 0 ? empty_cell
                                         : double{reader.field(example, field)[static_cast<std::size_t>(at)]});
      }
    }
  }
  return out;
}

}  // namespace

Picture contact_sheet(const Dataset& dataset) {
  std::vector<std::size_t> images;
  std::optional<std::size_t> label;
  const auto& fields = dataset.fields();
  for (std::size_t f = 0; f < fields.size(); ++f) {
    if (is_image(fields[f])) images.push_back(f);
    if (fields[f].classes > 0 && !label) label = f;
  }
  if (images.empty())
    throw UserError(ExitCode::experiment, "the data has no images for a contact sheet", "leave -o away");
  Reader reader(dataset);
  const int64_t size = dataset.size().value_or(1000);
  const auto examples = label ? examples_by_class(dataset, *label, size, reader) : examples_from_all_over(size);
  SampleStyle style;
  style.range = {0, 255};
  style.columns = label ? columns : 0;
  const auto same_size = [&](std::size_t f) {
    return fields[f].shape[0] == fields[images[0]].shape[0] && fields[f].shape[1] == fields[images[0]].shape[1];
  };
  if (images.size() < 2 || !same_size(images[1])) {
    return GridPlot().render(gather(dataset, images[0], examples, reader), nullptr, style);
  }
  const HostTensor left = gather(dataset, images[0], examples, reader);
  return GridPlot().render(gather(dataset, images[1], examples, reader), &left, style);
}

}  // namespace duel
