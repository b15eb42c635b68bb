#include "store/series.hpp"

#include <hdf5.h>

#include <limits>

#include "store/hdf5_value.hpp"

namespace duel {
namespace {

using hdf5::Calls;
using hdf5::Handle;

Handle copy_of(const Calls& calls, hid_t type) { return calls.own(H5Tcopy(type), H5Tclose, "make a type"); }

Handle series_file_type(const Calls& calls, Element element) {
  switch (element) {
    case Element::int64:
      return copy_of(calls, H5T_STD_I64LE);
    case Element::float64:
      return copy_of(calls, H5T_IEEE_F64LE);
    case Element::float32:
      return copy_of(calls, H5T_IEEE_F32LE);
    case Element::uint8:
      return copy_of(calls, H5T_STD_U8LE);
    case Element::text:
      return hdf5::text_type(calls, text_bytes);
  }
  DUEL_CHECK(false, "an unknown element type");
}

Handle series_memory_type(const Calls& calls, Element element) {
  switch (element) {
    case Element::int64:
      return copy_of(calls, H5T_NATIVE_INT64);
    case Element::float64:
      return copy_of(calls, H5T_NATIVE_DOUBLE);
    case Element::float32:
      return copy_of(calls, H5T_NATIVE_FLOAT);
    case Element::uint8:
      return copy_of(calls, H5T_NATIVE_UINT8);
    case Element::text:
      return hdf5::text_type(calls, text_bytes);
  }
  DUEL_CHECK(false, "an unknown element type");
}

// The value of rows that were never written; HDF5's own is 0.
void set_fill_value(const Calls& calls, hid_t properties, Element element) {
  if (element == Element::uint8 || element == Element::text) return;
  const double missing = element == Element::int64 ? -1.0 : std::numeric_limits<double>::quiet_NaN();
  calls.check(H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &missing), "set a fill value");
}

std::vector<hsize_t> extents(int64_t rows, const Shape& row) {
  std::vector<hsize_t> all{static_cast<hsize_t>(rows)};
  all.insert(all.end(), row.begin(), row.end());
  return all;
}

Handle growing_space(const Calls& calls, const std::vector<hsize_t>& extents) {
  std::vector<hsize_t> limits = extents;
  limits[0] = H5S_UNLIMITED;
  return calls.own(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), limits.data()), H5Sclose,
                   "make a data space");
}

}  // namespace

Series::Series(std::string name, Handle dataset, Element element, const Shape& row, int64_t rows)
    : name_(std::move(name)), dataset_(std::move(dataset)), element_(element), row_(row), rows_(rows) {}

Series Series::create(const Calls& calls, hid_t group, const std::string& name, Element element, const Shape& row,
                      int64_t rows_per_chunk) {
  Series series(name, {}, element, row, 0);
  const Handle properties = hdf5::dataset_properties(calls);
  const std::vector<hsize_t> chunk = extents(rows_per_chunk, row);
  calls.check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), "set the chunk size");
  set_fill_value(calls, properties.get(), element);
  const Handle space = growing_space(calls, extents(0, row));
  const Handle type = series_file_type(calls, element);
  series.dataset_ =
      calls.own(H5Dcreate2(group, name.c_str(), type.get(), space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                H5Dclose, fmt::format("create the data set '{}'", name));
  return series;
}

Series Series::open(const Calls& calls, hid_t group, const std::string& name, Element element) {
  Handle dataset = hdf5::open_plain_dataset(calls, group, name);
  const Handle type = calls.own(H5Dget_type(dataset.get()), H5Tclose, "read the type of " + name);
  const Handle space = calls.own(H5Dget_space(dataset.get()), H5Sclose, "read the shape of " + name);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (H5Tequal(type.get(), series_file_type(calls, element).get()) <= 0 || rank < 1 || rank > Shape::max_rank)
    calls.fail(fmt::format("the data set '{}' is not of the kind that duel writes", name));
  std::vector<hsize_t> found(static_cast<std::size_t>(rank));
  calls.check(H5Sget_simple_extent_dims(space.get(), found.data(), nullptr), "read the shape of " + name);
  for (const hsize_t extent : found)
    if (extent > static_cast<hsize_t>(std::numeric_limits<int64_t>::max()))
      calls.fail(fmt::format("the data set '{}' has an impossible size", name));
  Shape row;
  for (std::size_t axis = 1; axis < found.size(); ++axis) row.push_back(static_cast<int64_t>(found[axis]));
  return Series(name, std::move(dataset), element, row, static_cast<int64_t>(found[0]));
}

void Series::append(const Calls& calls, int64_t count, const void* data) {
  const std::string action = fmt::format("append to '{}'", name_);
  calls.check(H5Dset_extent(dataset_.get(), extents(rows_ + count, row_).data()), action);
  transfer(calls, rows_, count, nullptr, data);
  calls.check(H5Dflush(dataset_.get()), action);
  rows_ += count;
}

void Series::read(const Calls& calls, int64_t first, int64_t count, void* data) const {
  DUEL_CHECK(first >= 0 && count >= 0 && first <= rows_ - count, "rows {} to {} of {}", first, first + count, rows_);
  if (count > 0) transfer(calls, first, count, data, nullptr);
}

void Series::transfer(const Calls& calls, int64_t first, int64_t count, void* target, const void* source) const {
  const std::string action = fmt::format("{} '{}'", source != nullptr ? "write" : "read", name_);
  const std::vector<hsize_t> block = extents(count, row_);
  std::vector<hsize_t> start(block.size(), 0);
  start[0] = static_cast<hsize_t>(first);
  const Handle rows = calls.own(H5Dget_space(dataset_.get()), H5Sclose, action);
  calls.check(H5Sselect_hyperslab(rows.get(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr), action);
  const Handle memory =
      calls.own(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr), H5Sclose, action);
  const Handle type = series_memory_type(calls, element_);
  calls.check(source != nullptr ? H5Dwrite(dataset_.get(), type.get(), memory.get(), rows.get(), H5P_DEFAULT, source)
                                : H5Dread(dataset_.get(), type.get(), memory.get(), rows.get(), H5P_DEFAULT, target),
              action);
}

}  // namespace duel
