// Tables of numbers as text.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// One example a row. The columns other than the label's are the field point, or the field image when its shape is
// given.
class CsvSource final : public DatasetSource {
 public:
  std::filesystem::path path;
  bool header = true;                // the first row names the columns
  std::vector<std::string> columns;  // of the point or image, by name, or by number from 1 without a header; empty: all
  std::string label;                 // column of the label, likewise; empty: none
  std::optional<Shape> image;        // height, width, channels
  std::string separator = ",";

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  static void declare(Declaration<CsvSource>& d);
};

}  // namespace duel
