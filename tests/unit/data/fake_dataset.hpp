// Data sets for tests of the loader.
#pragma once

#include <atomic>
#include <cmath>
#include <stdexcept>

#include "data/loader.hpp"

namespace duel {

// Example i is the point [i, −i] with the label i mod 10.
class CountingDataset final : public Dataset {
 public:
  explicit CountingDataset(std::optional<int64_t> size) : size_(size) {}
  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return size_; }
  void read(int64_t index, std::span<float* const> out) const override {
    if (index == broken) throw std::runtime_error("example is broken");
    out[0][0] = static_cast<float>(index);
    out[0][1] = -static_cast<float>(index);
    *out[1] = static_cast<float>(index % 10);
  }
  std::string fingerprint() const override { return "counting"; }
  uint64_t content_key(int64_t index) const override {
    return static_cast<uint64_t>(different > 0 ? index % different : index) + 12345;
  }

  int64_t different = 0;             // of so many contents each comes again and again; 0: no two are equal
  std::atomic<int64_t> broken = -1;  // reading this example throws

 private:
  std::vector<Field> fields_{{"point", {2}, 0}, {"label", {}, 10}};
  std::optional<int64_t> size_;
};

// Adds a random number in [0, 1) to the first field.
class Jitter final : public Transform {
 public:
  std::vector<Field> fields(const std::vector<Field>& before) const override { return before; }
  void apply(const std::vector<Field>&, std::span<const float* const> in, std::span<float* const> out,
             RandomStream* random) const override {
    const float shift = random != nullptr ? static_cast<float>(random->uniform()) : 0;
    for (int i = 0; i < 2; ++i) out[0][i] = in[0][i] + shift;
    *out[1] = *in[1];
  }
};

// The first coordinates of a batch: for CountingDataset, the indices.
inline std::vector<int64_t> indices_of(const Batch& batch) {
  std::vector<int64_t> indices;
  for (int64_t row = 0; row < batch.rows; ++row) {
    indices.push_back(static_cast<int64_t>(batch.fields[0][static_cast<std::size_t>(2 * row)]));
  }
  return indices;
}

}  // namespace duel
