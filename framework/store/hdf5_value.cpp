#include "store/hdf5_value.hpp"

#include <hdf5.h>

#include <algorithm>
#include <new>

namespace duel::hdf5 {
namespace {

constexpr std::size_t longest_text = std::size_t{1} << 26;

std::string quoted(const std::string& name) { return fmt::format("'{}'", name); }

Handle scalar_space(const Calls& calls) { return calls.own(H5Screate(H5S_SCALAR), H5Sclose, "make a data space"); }

Handle array_space(const Calls& calls, hsize_t count) {
  return calls.own(H5Screate_simple(1, &count, nullptr), H5Sclose, "make a data space");
}

void write_any_attribute(const Calls& calls, hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
                         const Handle& space, const void* data) {
  const Handle attribute = calls.own(H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                                     H5Aclose, "create the attribute " + quoted(name));
  calls.check(H5Awrite(attribute.get(), memory_type, data), "write the attribute " + quoted(name));
}

Handle open_attribute(const Calls& calls, hid_t object, const std::string& name) {
  return calls.own(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "find the attribute " + quoted(name));
}

// Throws unless `space` holds one element and `type` is of the given class.
void check_single(const Calls& calls, const Handle& space, const Handle& type, H5T_class_t expected,
                  const std::string& name) {
  if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Tget_class(type.get()) != expected ||
      (expected == H5T_STRING && H5Tis_variable_str(type.get()) != 0))
    calls.fail(fmt::format("{} is not of the kind that duel writes", quoted(name)));
}

void read_number(const Calls& calls, hid_t object, const std::string& name, H5T_class_t expected, hid_t memory_type,
                 void* value) {
  const Handle attribute = open_attribute(calls, object, name);
  const Handle space = calls.own(H5Aget_space(attribute.get()), H5Sclose, "read " + quoted(name));
  const Handle type = calls.own(H5Aget_type(attribute.get()), H5Tclose, "read " + quoted(name));
  check_single(calls, space, type, expected, name);
  calls.check(H5Aread(attribute.get(), memory_type, value), "read the attribute " + quoted(name));
}

// Texts have one byte more than they need, a NUL, since HDF5 has no texts of length 0.
template <class Read>
std::string read_fixed_text(const Calls& calls, const Handle& space, const Handle& type, const std::string& name,
                            Read read) {
  check_single(calls, space, type, H5T_STRING, name);
  const std::size_t size = H5Tget_size(type.get());
  if (size == 0 || size > longest_text) calls.fail(fmt::format("the text {} has an impossible length", quoted(name)));
  std::string text(size, '\0');
  calls.check(read(text.data()), "read " + quoted(name));
  text.resize(size - 1);
  return text;
}

// A scalar data set.
void write_text(const Calls& calls, hid_t group, const std::string& name, std::string_view text) {
  const std::string ended(text);
  const Handle type = text_type(calls, ended.size() + 1);
  const Handle properties = dataset_properties(calls);
  const Handle space = scalar_space(calls);
  const Handle dataset =
      calls.own(H5Dcreate2(group, name.c_str(), type.get(), space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                H5Dclose, "create the text " + quoted(name));
  calls.check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, ended.c_str()),
              "write the text " + quoted(name));
}

std::string read_text(const Calls& calls, hid_t group, const std::string& name) {
  const Handle dataset = open_plain_dataset(calls, group, name);
  const Handle space = calls.own(H5Dget_space(dataset.get()), H5Sclose, "read " + quoted(name));
  const Handle type = calls.own(H5Dget_type(dataset.get()), H5Tclose, "read " + quoted(name));
  return read_fixed_text(calls, space, type, name, [&](char* target) {
    return H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, target);
  });
}

// C++ exceptions must not fly through HDF5: the callbacks below report failure instead.
herr_t add_link(hid_t, const char* name, const H5L_info_t* info, void* target) {
  if (info->type != H5L_TYPE_HARD) return -1;
  try {
    static_cast<std::vector<std::string>*>(target)->emplace_back(name);
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return 0;
}

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* target) {
  try {
    static_cast<std::vector<std::string>*>(target)->emplace_back(name);
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return 0;
}

}  // namespace

Handle text_type(const Calls& calls, std::size_t size) {
  Handle type = calls.own(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
  calls.check(H5Tset_size(type.get(), size), "make a text type");
  calls.check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "make a text type");
  return type;
}

Handle dataset_properties(const Calls& calls) {
  Handle properties = calls.own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "make data set properties");
  calls.check(H5Pset_obj_track_times(properties.get(), false), "make data set properties");
  return properties;
}

Handle access_properties(const Calls& calls, Structures structures) {
  const bool current = structures == Structures::hdf5_1_10;
  Handle properties = calls.own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make file properties");
  calls.check(H5Pset_libver_bounds(properties.get(), current ? H5F_LIBVER_V110 : H5F_LIBVER_EARLIEST,
                                   current ? H5F_LIBVER_V110 : H5F_LIBVER_V18),
              "choose the file format");
  return properties;
}

Handle create_group(const Calls& calls, hid_t parent, const std::string& name) {
  const Handle properties = calls.own(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "make group properties");
  calls.check(H5Pset_obj_track_times(properties.get(), false), "make group properties");
  return calls.own(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose,
                   "create the group " + quoted(name));
}

Handle open_group(const Calls& calls, hid_t parent, const std::string& name) {
  return calls.own(H5Gopen2(parent, name.c_str(), H5P_DEFAULT), H5Gclose, "open the group " + quoted(name));
}

bool has_link(const Calls& calls, hid_t parent, const std::string& name) {
  return calls.check(H5Lexists(parent, name.c_str(), H5P_DEFAULT), "look for " + quoted(name)) > 0;
}

bool has_attribute(const Calls& calls, hid_t object, const std::string& name) {
  return calls.check(H5Aexists(object, name.c_str()), "look for " + quoted(name)) > 0;
}

std::vector<std::string> link_names(const Calls& calls, hid_t group) {
  std::vector<std::string> names;
  hsize_t position = 0;
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_link, &names) < 0)
    calls.fail("cannot list a group, or it has links of a kind that duel does not write");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> attribute_names(const Calls& calls, hid_t object) {
  std::vector<std::string> names;
  hsize_t position = 0;
  calls.check(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, add_attribute, &names), "list attributes");
  std::sort(names.begin(), names.end());
  return names;
}

void write_attribute(const Calls& calls, hid_t object, const std::string& name, std::string_view text) {
  const std::string ended(text);
  const Handle type = text_type(calls, ended.size() + 1);
  write_any_attribute(calls, object, name, type.get(), type.get(), scalar_space(calls), ended.c_str());
}

void write_attribute(const Calls& calls, hid_t object, const std::string& name, int64_t value) {
  write_any_attribute(calls, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar_space(calls), &value);
}

void write_attribute(const Calls& calls, hid_t object, const std::string& name, double value) {
  write_any_attribute(calls, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, scalar_space(calls), &value);
}

void write_attribute(const Calls& calls, hid_t object, const std::string& name, std::span<const std::string> texts) {
  std::size_t size = 1;
  for (const std::string& text : texts) size = std::max(size, text.size() + 1);
  std::string table;
  for (const std::string& text : texts) table += text + std::string(size - text.size(), '\0');
  const Handle type = text_type(calls, size);
  write_any_attribute(calls, object, name, type.get(), type.get(), array_space(calls, texts.size()), table.data());
}

void write_attribute(const Calls& calls, hid_t object, const std::string& name, std::span<const uint8_t> values) {
  write_any_attribute(calls, object, name, H5T_STD_U8LE, H5T_NATIVE_UINT8, array_space(calls, values.size()),
                      values.data());
}

void read_attribute(const Calls& calls, hid_t object, const std::string& name, std::string& text) {
  const Handle attribute = open_attribute(calls, object, name);
  const Handle space = calls.own(H5Aget_space(attribute.get()), H5Sclose, "read " + quoted(name));
  const Handle type = calls.own(H5Aget_type(attribute.get()), H5Tclose, "read " + quoted(name));
  text = read_fixed_text(calls, space, type, name,
                         [&](char* target) { return H5Aread(attribute.get(), type.get(), target); });
}

void read_attribute(const Calls& calls, hid_t object, const std::string& name, int64_t& value) {
  read_number(calls, object, name, H5T_INTEGER, H5T_NATIVE_INT64, &value);
}

void read_attribute(const Calls& calls, hid_t object, const std::string& name, double& value) {
  read_number(calls, object, name, H5T_FLOAT, H5T_NATIVE_DOUBLE, &value);
}

Handle create_texts(const Calls& calls, hid_t parent, const std::string& name,
                    const std::map<std::string, std::string>& texts) {
  Handle group = create_group(calls, parent, name);
  for (const auto& [key, text] : texts) {
    DUEL_CHECK(!key.empty() && key != "." && key.find('/') == std::string::npos, "'{}' is no key of a text", key);
    write_text(calls, group.get(), key, text);
  }
  return group;
}

std::map<std::string, std::string> read_texts(const Calls& calls, hid_t parent, const std::string& name) {
  const Handle group = open_group(calls, parent, name);
  std::map<std::string, std::string> texts;
  for (const std::string& key : link_names(calls, group.get())) texts[key] = read_text(calls, group.get(), key);
  return texts;
}

Handle open_plain_dataset(const Calls& calls, hid_t group, const std::string& name) {
  Handle dataset = calls.own(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose, "open the data set " + quoted(name));
  const Handle properties =
      calls.own(H5Dget_create_plist(dataset.get()), H5Pclose, "look at the data set " + quoted(name));
  const bool plain = H5Pget_external_count(properties.get()) == 0 && H5Pget_nfilters(properties.get()) == 0 &&
                     H5Pget_layout(properties.get()) != H5D_VIRTUAL;
  if (!plain) calls.fail(fmt::format("the data set {} is stored in a way that duel does not write", quoted(name)));
  return dataset;
}

}  // namespace duel::hdf5
