// A folder of pictures, or an archive of one.
#pragma once

#include "plugins/datasets/image_store.hpp"

namespace duel {

// Field image [height, width, channels], 0 … 255, and field label where the pictures lie in folders: the class is the
// first folder, classes are numbered in the order of their names, or of `classes`, which then chooses them, too. A lone
// folder around everything is entered. Pictures are PNG or JPEG, in the order of their names (by bytes).
class ImagesSource final : public DatasetSource, public ImageOptions {
 public:
  std::filesystem::path path;
  std::string labels = "folders";  // folders | none
  std::vector<std::string> classes;

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  bool has_separate_files() const override { return true; }
  static void declare(Declaration<ImagesSource>& d);

  struct Opened;

 private:
  std::shared_ptr<const Opened> open_files(const OpenOptions& options) const;

  OpenedOnce<Opened> opened_;
};

}  // namespace duel
