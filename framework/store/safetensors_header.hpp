// The header of a safetensors file (store/safetensors.hpp). Internal to store/.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "store/safetensors.hpp"

namespace duel {

// Bytes of an element of that type; 0 for a type that is not known.
uint64_t safetensors_element_size(const std::string& type);

// The tensors that the header of `content`, a whole file, names. Their bytes lie within the file, side by side, and are
// as many as type and shape say. Throws UserError(ExitCode::data) naming `file` for a header that claims anything else.
std::map<std::string, SafetensorsFile::Tensor> parse_safetensors_header(std::span<const std::byte> content,
                                                                        const std::filesystem::path& file);

[[noreturn]] void fail_safetensors(const std::filesystem::path& file, const std::string& what,
                                   const std::string& remedy = {});

}  // namespace duel
