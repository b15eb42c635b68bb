// Weights of other programs, in the safetensors format (https://github.com/huggingface/safetensors, "Format"):
//
//   8 bytes      N, unsigned, little-endian
//   N bytes      JSON: {"conv.weight": {"dtype": "F32", "shape": [8, 3, 3, 3], "data_offsets": [0, 864]}, …,
//                "__metadata__": {text: text}}, padded with spaces
//   the rest     the tensors, row-major, little-endian, one behind the other without a gap; offsets count from here
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "store/checkpoint.hpp"

namespace duel {

// A file, read and found sound: every claim of its header fits the bytes that are there. It is held in memory.
class SafetensorsFile {
 public:
  struct Tensor {
    std::string type;              // F32, I64, …
    std::vector<int64_t> extents;  // empty: a scalar
    uint64_t begin = 0;            // of its first byte in the file
    uint64_t elements = 0;
  };

  // Throws UserError(ExitCode::data) naming the file, and the tensor where it is one's fault.
  explicit SafetensorsFile(std::filesystem::path file);

  const std::filesystem::path& file() const { return file_; }
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }  // by name
  const Tensor* find(const std::string& name) const;

  // The values of the tensor of that name, row-major. Throws UserError(ExitCode::data) unless it holds finite numbers
  // of type F64, F32, F16 or BF16.
  std::vector<double> read(const std::string& name) const;

 private:
  std::filesystem::path file_;
  Bytes content_;
  std::map<std::string, Tensor> tensors_;
};

// Writes the file whole or not at all; equal tensors give equal bytes. Throws UserError(ExitCode::storage).
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, StoredArray>& tensors);

}  // namespace duel
