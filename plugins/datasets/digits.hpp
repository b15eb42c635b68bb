// Handwritten digits that the program draws itself: a data set for machines with no data at all.
#pragma once

#include "data/dataset.hpp"
#include "plugins/datasets/digit_pen.hpp"
#include "registry/parameters.hpp"

namespace duel {

// Fields image [size, size, 1 or 3], 0 … 255, and label (the digit). The digits are equally likely; example i is a pure
// function of (seed, i). Drawn when first read and kept, where all are at most 256 MiB; else drawn at every read.
class DigitsSource final : public DatasetSource {
 public:
  int64_t count = 10000;
  int64_t size = 28;
  bool colour = false;
  double noise = 0.1;
  int64_t seed = 0;

  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  std::optional<std::vector<Field>> known_fields() const override;
  static void declare(Declaration<DigitsSource>& d);
};

}  // namespace duel
