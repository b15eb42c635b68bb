// Arrays in HDF5 files that somebody else wrote.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// One field an HDF5 dataset; the first axis counts the examples. At least one of image and point. Nothing outside the
// file is ever opened: links to other files, external storage, virtual datasets and filters that are no part of HDF5
// itself are refused, as is what is larger than its file can hold. A file that is just being written in HDF5's
// single-writer-multiple-reader mode can be read.
class Hdf5Source final : public DatasetSource {
 public:
  std::filesystem::path path;
  std::string image;  // names within the file, as /group/images
  std::string point;
  std::string label;

  std::string conflict() const;
  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  static void declare(Declaration<Hdf5Source>& d);
};

}  // namespace duel
