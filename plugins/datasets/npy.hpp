// NumPy's files of one array (numpy.save), versions 1 to 3.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// One field a file; the first axis counts the examples. At least one of image and point.
class NpySource final : public DatasetSource {
 public:
  std::filesystem::path image;  // [n, h, w] or [n, h, w, channels]
  std::filesystem::path point;  // [n] or [n, …]
  std::filesystem::path label;  // [n], whole numbers from 0

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  static void declare(Declaration<NpySource>& d);
};

}  // namespace duel
