#include "plugins/datasets/digits.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/hash.hpp"

namespace duel {
namespace {

constexpr int64_t most_kept = int64_t{256} << 20;  // bytes

// Raise when the drawing changes: it is part of the fingerprint.
constexpr int drawing_version = 1;

// Pictures as they were drawn when first asked for, so that a training starts without drawing them all. Thread-safe.
class DrawnPictures {
 public:
  DrawnPictures(int64_t count, int64_t image_bytes)
      : image_bytes_(static_cast<std::size_t>(image_bytes)),
        bytes_(std::make_unique_for_overwrite<uint8_t[]>(static_cast<std::size_t>(count) * image_bytes_)),
        states_(std::make_unique<std::atomic<State>[]>(static_cast<std::size_t>(count))) {}

  // Nothing when it was not kept yet.
  std::optional<std::span<const uint8_t>> find(int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    if (states_[at].load(std::memory_order_acquire) != State::kept) return std::nullopt;
    return std::span<const uint8_t>(bytes_.get() + at * image_bytes_, image_bytes_);
  }

  void keep(int64_t index, std::span<const uint8_t> image) {
    const auto at = static_cast<std::size_t>(index);
    State expected = State::none;  // who comes second has drawn the same and leaves it
    if (!states_[at].compare_exchange_strong(expected, State::being_kept)) return;
    std::ranges::copy(image, bytes_.get() + at * image_bytes_);
    states_[at].store(State::kept, std::memory_order_release);
  }

 private:
  enum class State : uint8_t { none, being_kept, kept };

  std::size_t image_bytes_;
  std::unique_ptr<uint8_t[]> bytes_;
  std::unique_ptr<std::atomic<State>[]> states_;
};

class DigitsDataset final : public Dataset {
 public:
  explicit DigitsDataset(const DigitsSource& source)
      : count_(source.count),
        look_{source.size, source.colour, source.noise},
        key_(stream_key(static_cast<uint64_t>(source.seed), 0, "dataset.digits")),
        fields_(*source.known_fields()),
        fingerprint_(
            sha256_hex(fmt::format("digits {}: count {}, size {}, colour {}, noise {}, seed {}", drawing_version,
                                   source.count, source.size, source.colour, source.noise, source.seed))) {
    if (count_ <= most_kept / image_bytes()) kept_ = std::make_unique<DrawnPictures>(count_, image_bytes());
  }

  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return count_; }
  std::string fingerprint() const override { return fingerprint_; }

  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(index >= 0 && index < count_, "example {} of {}", index, count_);
    DUEL_CHECK(out.size() == 2, "{} outputs for 2 fields", out.size());
    RandomStream random(key_, {.step = static_cast<uint64_t>(index)});
    const auto label = static_cast<uint8_t>(random.below(10));
    *out[1] = label;
    const auto known = kept_ != nullptr ? kept_->find(index) : std::nullopt;
    if (known.has_value()) {
      std::ranges::copy(*known, out[0]);
      return;
    }
    static thread_local std::vector<uint8_t> image;
    image.resize(static_cast<std::size_t>(image_bytes()));
    draw_digit(label, look_, random, image);
    if (kept_ != nullptr) kept_->keep(index, image);
    std::ranges::copy(image, out[0]);
  }

 private:
  int64_t image_bytes() const { return fields_[0].shape.elements(); }

  int64_t count_;
  DigitLook look_;
  uint64_t key_;
  std::vector<Field> fields_;
  std::string fingerprint_;
  std::unique_ptr<DrawnPictures> kept_;  // null when they are too many to keep
};

}  // namespace

std::unique_ptr<Dataset> DigitsSource::open(const OpenOptions&) const { return std::make_unique<DigitsDataset>(*this); }

std::optional<std::vector<Field>> DigitsSource::known_fields() const {
  return std::vector<Field>{{"image", {size, size, colour ? 3 : 1}, 0}, {"label", {}, 10}};
}

void DigitsSource::declare(Declaration<DigitsSource>& d) {
  d.help("handwritten digits drawn by the program; fields image (0 to 255) and label");
  d.parameter("count", &DigitsSource::count, "how many examples there are").main().min(1).max(double(int64_t{1} << 40));
  d.parameter("size", &DigitsSource::size, "height and width in pixels").min(16).max(1024);
  d.parameter("colour", &DigitsSource::colour, "bright ink on dark ground in RGB; else white on black, one channel");
  d.parameter("noise", &DigitsSource::noise, "how unevenly the ink takes, as a share of its brightness").min(0).max(1);
  d.parameter("seed", &DigitsSource::seed, "another seed, other digits; the experiment's seed does not change them")
      .min(0);
}

}  // namespace duel
