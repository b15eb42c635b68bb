#include "plugins/datasets/hdf5.hpp"

#include "data/arrays.hpp"
#include "data/errors.hpp"
#include "plugins/datasets/hdf5_array.hpp"

namespace duel {
namespace {

ExampleArray read_field(const Hdf5File& file, const std::filesystem::path& path, const std::string& name,
                        const std::string& field) {
  Hdf5File::Array array = file.read(name);
  const auto extents = std::span(array.extents).subspan(1);
  Shape shape;
  if (field == "image") shape = image_shape(extents, path);
  if (field == "point") shape = point_shape(extents, path);
  if (field == "label" && !extents.empty()) {
    fail_data(path, fmt::format("{} is {}, expected labels on 1 axis", name, extents_text(array.extents)));
  }
  return {{field, shape, 0}, array.type, std::move(array.bytes), 0, path};
}

}  // namespace

std::string Hdf5Source::conflict() const { return image.empty() && point.empty() ? "give 'image' or 'point'" : ""; }

std::unique_ptr<Dataset> Hdf5Source::open(const OpenOptions&) const {
  const Hdf5File file(path);
  std::vector<ExampleArray> arrays;
  if (!image.empty()) arrays.push_back(read_field(file, path, image, "image"));
  if (!point.empty()) arrays.push_back(read_field(file, path, point, "point"));
  if (!label.empty()) {
    arrays.push_back(read_field(file, path, label, "label"));
    count_classes(arrays.back());
  }
  return make_array_dataset(std::move(arrays));
}

void Hdf5Source::declare(Declaration<Hdf5Source>& d) {
  d.help("arrays in an HDF5 file; fields image, point and label as given");
  d.parameter("path", &Hdf5Source::path, "the file").required();
  d.parameter("image", &Hdf5Source::image, "dataset of images: count × height × width (× channels)");
  d.parameter("point", &Hdf5Source::point, "dataset of points: count × coordinates");
  d.parameter("label", &Hdf5Source::label, "dataset of labels: whole numbers from 0");
}

}  // namespace duel
