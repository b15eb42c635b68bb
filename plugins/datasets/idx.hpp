// The format of MNIST and its relatives, plain or as gzip.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// Field image from a file of [n, h, w] or [n, h, w, channels], and field label from a file of [n], when one is named.
class IdxSource final : public DatasetSource {
 public:
  std::filesystem::path images;
  std::filesystem::path labels;  // empty: none

  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  static void declare(Declaration<IdxSource>& d);
};

}  // namespace duel
