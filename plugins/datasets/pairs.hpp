// Pictures in pairs, for translation from one sort to another.
#pragma once

#include "plugins/datasets/image_store.hpp"

namespace duel {

// Fields a and b [height, width, channels], 0 … 255: from two folders whose pictures have equal names but for the
// extension, or from one folder of pictures that are two side by side (Isola et al. 2017, pix2pix, distributes such).
// Each side has channels of its own choice when none are given. Folders may be archives.
class PairsSource final : public DatasetSource, public ImageOptions {
 public:
  std::filesystem::path path;  // of pictures side by side: else a and b
  std::filesystem::path a;
  std::filesystem::path b;
  std::string left = "a";  // which of a and b the left half is

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  bool has_separate_files() const override { return true; }
  static void declare(Declaration<PairsSource>& d);

  struct Opened;

 private:
  std::shared_ptr<const Opened> open_files(const OpenOptions& options) const;

  OpenedOnce<Opened> opened_;
};

}  // namespace duel
