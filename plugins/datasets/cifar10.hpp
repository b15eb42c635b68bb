// The CIFAR-10 data set in its binary form.
#pragma once

#include "data/dataset.hpp"

namespace duel {

// Fields image [32, 32, 3], 0 … 255, and label. From data_batch_1.bin … data_batch_5.bin or test_batch.bin, each plain
// or as gzip, in a folder or in the archive that is distributed; the examples in the files' order. Fewer training
// batches than five are taken as they are, without a gap.
class Cifar10Source final : public DatasetSource {
 public:
  std::filesystem::path path;
  std::string part = "train";  // train | test | all

  std::unique_ptr<Dataset> open(const OpenOptions& options) const override;
  static void declare(Declaration<Cifar10Source>& d);
};

// Whether a file of this name (without folders) is one of the set's.
bool is_cifar10_name(const std::string& name);

}  // namespace duel
