#include "plugins/datasets/npy.hpp"

#include "data/arrays.hpp"
#include "data/errors.hpp"
#include "data/npy_array.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

ExampleArray read_npy(const fs::path& file, const std::string& field) {
  NpyArray array = decode_npy(read_file(file, largest_array), file);
  if (array.extents.empty()) fail_data(file, "holds a lone number, expected an array of examples");
  const auto extents = std::span(array.extents).subspan(1);
  Shape shape;
  if (field == "image") shape = image_shape(extents, file);
  if (field == "point") shape = point_shape(extents, file);
  if (field == "label" && !extents.empty()) {
    fail_data(file, fmt::format("expected labels on 1 axis, found {}", extents_text(array.extents)));
  }
  return {{field, shape, 0}, array.type, std::move(array.bytes), array.offset, file};
}

}  // namespace

std::string NpySource::conflict() const { return image.empty() && point.empty() ? "give 'image' or 'point'" : ""; }

std::unique_ptr<Dataset> NpySource::open(const OpenOptions&) const {
  std::vector<ExampleArray> arrays;
  if (!image.empty()) arrays.push_back(read_npy(image, "image"));
  if (!point.empty()) arrays.push_back(read_npy(point, "point"));
  if (!label.empty()) {
    arrays.push_back(read_npy(label, "label"));
    count_classes(arrays.back());
  }
  return make_array_dataset(std::move(arrays));
}

void NpySource::declare(Declaration<NpySource>& d) {
  d.help("arrays saved by numpy.save, a file a field; fields image, point and label as given");
  d.parameter("image", &NpySource::image, "file of images: count × height × width (× channels)");
  d.parameter("point", &NpySource::point, "file of points: count × coordinates");
  d.parameter("label", &NpySource::label, "file of labels: whole numbers from 0");
}

}  // namespace duel
