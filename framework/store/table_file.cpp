#include "store/table_file.hpp"

#include <hdf5.h>

#include <algorithm>

#include "base/file.hpp"
#include "store/hdf5_memory.hpp"
#include "store/hdf5_value.hpp"
#include "store/run_tree.hpp"

namespace duel {
namespace {

using hdf5::Calls;
using hdf5::Handle;

void write_cells(const Calls& calls, hdf5::Id group, const std::string& name, std::size_t rows, hdf5::Id stored,
                 hdf5::Id given, const void* cells) {
  const hsize_t extent = rows;
  const Handle space = calls.own(H5Screate_simple(1, &extent, nullptr), H5Sclose, "make a data space");
  const Handle properties = hdf5::dataset_properties(calls);
  const Handle dataset =
      calls.own(H5Dcreate2(group, name.c_str(), stored, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                H5Dclose, "store a column");
  if (rows > 0) calls.check(H5Dwrite(dataset.get(), given, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells), "store a column");
}

void write_column(const Calls& calls, hdf5::Id group, const TableColumn& column) {
  if (const auto* integers = std::get_if<std::vector<int64_t>>(&column.values)) {
    return write_cells(calls, group, column.name, integers->size(), H5T_STD_I64LE, H5T_NATIVE_INT64, integers->data());
  }
  if (const auto* numbers = std::get_if<std::vector<double>>(&column.values)) {
    return write_cells(calls, group, column.name, numbers->size(), H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers->data());
  }
  const auto& texts = std::get<std::vector<std::string>>(column.values);
  std::size_t width = 1;
  for (const std::string& text : texts) width = std::max(width, text.size() + 1);
  std::string cells(texts.size() * width, '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(cells.data() + i * width, texts[i].size());
  const Handle type = hdf5::text_type(calls, width);
  write_cells(calls, group, column.name, texts.size(), type.get(), type.get(), cells.data());
}

}  // namespace

void write_tables(const std::filesystem::path& file, const std::string& format, int64_t version,
                  const std::map<std::string, std::string>& attributes, const std::vector<Table>& tables) {
  const Calls calls(file, ExitCode::storage);
  const Handle image = hdf5::create_in_memory(calls);
  hdf5::write_attribute(calls, image.get(), run_tree::format_key, format);
  hdf5::write_attribute(calls, image.get(), run_tree::version_key, version);
  for (const auto& [name, text] : attributes) hdf5::write_attribute(calls, image.get(), name, text);
  for (const Table& table : tables) {
    const Handle group = hdf5::create_group(calls, image.get(), table.name);
    for (const TableColumn& column : table.columns) write_column(calls, group.get(), column);
  }
  write_file_atomically(file, hdf5::image_of(calls, image.get()));
}

}  // namespace duel
