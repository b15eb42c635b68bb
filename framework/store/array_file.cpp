#include "store/array_file.hpp"

#include <hdf5.h>

#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/hdf5_memory.hpp"
#include "store/hdf5_value.hpp"

namespace duel {

void write_array_file(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                      std::span<const double> values, DType precision) {
  DUEL_CHECK(std::ssize(values) == shape.elements(), "{} values of shape {}", values.size(), to_string(shape));
  const hdf5::Calls calls(path, ExitCode::storage);
  const hdf5::Handle file = hdf5::create_in_memory(calls);
  const std::vector<hsize_t> extents(shape.span().begin(), shape.span().end());
  const hdf5::Handle space = calls.own(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                                       H5Sclose, "make a data space");
  const hdf5::Handle properties = hdf5::dataset_properties(calls);
  const hid_t type = precision == DType::float64 ? H5T_IEEE_F64LE : H5T_IEEE_F32LE;
  const hdf5::Handle dataset =
      calls.own(H5Dcreate2(file.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                H5Dclose, "create a data set");
  calls.check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
              "write a data set");
  write_file_atomically(path, hdf5::image_of(calls, file.get()));
}

bool is_array_file(const std::filesystem::path& path, const std::string& name) {
  try {
    const hdf5::Calls calls(path, ExitCode::data);
    const hdf5::Handle file = calls.own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the file");
    return hdf5::link_names(calls, file.get()) == std::vector{name};
  } catch (const UserError&) {
    return false;  // of another kind
  }
}

}  // namespace duel
