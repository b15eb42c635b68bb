#include "tools/score/side.hpp"

#include "data/errors.hpp"
#include "data/npy_header.hpp"
#include "plugins/datasets/hdf5_array.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

FeatureMatrix matrix_of(const std::string& place, std::span<const int64_t> extents, ElementType type, Bytes bytes,
                        std::size_t offset) {
  if (extents.empty()) fail_data(place, "holds a lone number, expected an array of examples");
  const auto width = checked_product(extents.subspan(1));
  if (!width) fail_data(place, fmt::format("has impossible extents, {}", extents_text(extents)));
  FeatureOrigin origin{"values", {}, "none", {}};
  if (extents.size() > 2) origin = {"pixels", {}, "flattened", {}};
  const bool images = extents.size() == 3 || extents.size() == 4;
  const Shape shape = images ? image_shape(extents.subspan(1), place) : Shape{*width};
  return {extents[0], shape, type, std::move(bytes), offset, place, std::move(origin)};
}

FeatureMatrix read_npy(const std::string& file) {
  Bytes content = read_file(file, largest_array);
  const NpyHeader header = parse_whole_npy(content, file);
  return matrix_of(file, header.extents, header.type, std::move(content), header.size);
}

FeatureMatrix read_dataset(const std::string& name, const std::string& file, const std::string& dataset) {
  Hdf5File::Array array = Hdf5File(file).read(dataset, true);
  return matrix_of(name, array.extents, array.type, std::move(array.bytes), 0);
}

}  // namespace

SideData read_side(const std::string& name) {
  const std::size_t colon = name.rfind(":/");
  if (colon != std::string::npos) return read_dataset(name, name.substr(0, colon), name.substr(colon + 1));
  if (fs::path(name).extension() == ".npy") return read_npy(name);
  if (is_statistics_name(name)) return read_statistics(name);
  throw UserError(ExitCode::experiment, fmt::format("{}: neither features nor statistics by its name", name),
                  "give FILE.npy, FILE.h5:/DATASET, or statistics as FILE.npz or FILE.h5");
}

}  // namespace duel
