// Attributes, texts and groups of HDF5 files. Nothing written here carries a time, so that equal contents are equal
// bytes. Texts are UTF-8 of fixed length: those of variable length are lost when a SWMR writer is killed. For store/
// and evaluate/.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/hdf5_handle.hpp"

namespace duel::hdf5 {

// UTF-8 of `size` bytes, the NUL at its end included.
Handle text_type(const Calls& calls, std::size_t size);
// Properties for creating data sets.
Handle dataset_properties(const Calls& calls);
// File access. Files made with it have the structures of HDF5 1.10, which SWMR needs, or those that HDF5 1.8 can read,
// whatever the library's version.
enum class Structures { hdf5_1_10, hdf5_1_8 };
Handle access_properties(const Calls& calls, Structures structures);

Handle create_group(const Calls& calls, Id parent, const std::string& name);
Handle open_group(const Calls& calls, Id parent, const std::string& name);
bool has_link(const Calls& calls, Id parent, const std::string& name);
bool has_attribute(const Calls& calls, Id object, const std::string& name);
// Names in alphabetical order. Any link but a hard one (a soft or external link can lead out of the file) is an error.
std::vector<std::string> link_names(const Calls& calls, Id group);
std::vector<std::string> attribute_names(const Calls& calls, Id object);

void write_attribute(const Calls& calls, Id object, const std::string& name, std::string_view text);
void write_attribute(const Calls& calls, Id object, const std::string& name, int64_t value);
void write_attribute(const Calls& calls, Id object, const std::string& name, double value);
void write_attribute(const Calls& calls, Id object, const std::string& name, std::span<const std::string> texts);
void write_attribute(const Calls& calls, Id object, const std::string& name, std::span<const uint8_t> values);
void read_attribute(const Calls& calls, Id object, const std::string& name, std::string& text);
void read_attribute(const Calls& calls, Id object, const std::string& name, int64_t& value);
void read_attribute(const Calls& calls, Id object, const std::string& name, double& value);

// A group with a scalar data set for each text. Keys without '/'.
Handle create_texts(const Calls& calls, Id parent, const std::string& name,
                    const std::map<std::string, std::string>& texts);
std::map<std::string, std::string> read_texts(const Calls& calls, Id parent, const std::string& name);

// Opens a data set as a reader of files of unknown origin may: its bytes lie in the file itself and pass no filter.
Handle open_plain_dataset(const Calls& calls, Id group, const std::string& name);

}  // namespace duel::hdf5
