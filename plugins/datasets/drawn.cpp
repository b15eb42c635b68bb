#include "plugins/datasets/drawn.hpp"

#include <utility>

#include "base/hash.hpp"

namespace duel {
namespace {

class DrawnDataset final : public Dataset {
 public:
  DrawnDataset(std::vector<Field> fields, std::optional<int64_t> count, int64_t seed, const std::string& description,
               DrawExample draw)
      : fields_(std::move(fields)),
        count_(count),
        key_(stream_key(static_cast<uint64_t>(seed), 0, "dataset." + description)),
        fingerprint_(sha256_hex(fmt::format("{}; seed {}; count {}", description, seed, count.value_or(-1)))),
        draw_(std::move(draw)) {}

  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return count_; }
  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(index >= 0 && index < count_.value_or(int64_t{1} << 48), "example {} of drawn data", index);
    DUEL_CHECK(out.size() == fields_.size(), "{} outputs for {} fields", out.size(), fields_.size());
    RandomStream random(key_, {.step = static_cast<uint64_t>(index)});
    draw_(random, out);
  }
  std::string fingerprint() const override { return fingerprint_; }

 private:
  std::vector<Field> fields_;
  std::optional<int64_t> count_;
  uint64_t key_;
  std::string fingerprint_;
  DrawExample draw_;
};

}  // namespace

std::unique_ptr<Dataset> DrawnSource::open(const OpenOptions&) const {
  return std::make_unique<DrawnDataset>(drawn_fields(), count, seed, description(), drawing());
}

}  // namespace duel
