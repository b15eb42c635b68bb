#include "plugins/datasets/digits.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace duel {
namespace {

constexpr int64_t most_kept = int64_t{256} << 20;  // bytes

// Raise when the drawing changes: it is part of the fingerprint.
constexpr int drawing_version = 1;

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
    if (count_ <= most_kept / image_bytes()) keep();
  }

  const std::vector<Field>& fields() const override { return fields_; }
  std::optional<int64_t> size() const override { return count_; }
  std::string fingerprint() const override { return fingerprint_; }

  void read(int64_t index, std::span<float* const> out) const override {
    DUEL_CHECK(index >= 0 && index < count_, "example {} of {}", index, count_);
    DUEL_CHECK(out.size() == 2, "{} outputs for 2 fields", out.size());
    const auto bytes = static_cast<std::size_t>(image_bytes());
    if (!labels_.empty()) {
      const auto at = static_cast<std::size_t>(index);
      std::ranges::copy(std::span(images_).subspan(at * bytes, bytes), out[0]);
      *out[1] = labels_[at];
    } else {
      static thread_local std::vector<uint8_t> image;
      image.resize(bytes);
      *out[1] = draw(index, image);
      std::ranges::copy(image, out[0]);
    }
  }

 private:
  int64_t image_bytes() const { return fields_[0].shape.elements(); }

  uint8_t draw(int64_t index, std::span<uint8_t> image) const {
    RandomStream random(key_, {.step = static_cast<uint64_t>(index)});
    const auto label = static_cast<uint8_t>(random.below(10));
    draw_digit(label, look_, random, image);
    return label;
  }

  void keep() {
    const auto bytes = static_cast<std::size_t>(image_bytes());
    images_.resize(static_cast<std::size_t>(count_) * bytes);
    labels_.resize(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      labels_[i] = draw(static_cast<int64_t>(i), std::span(images_).subspan(i * bytes, bytes));
    }
  }

  int64_t count_;
  DigitLook look_;
  uint64_t key_;
  std::vector<Field> fields_;
  std::string fingerprint_;
  std::vector<uint8_t> images_;  // empty when they are too many to keep
  std::vector<uint8_t> labels_;
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
