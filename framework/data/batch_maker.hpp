// Fills one batch: reads the examples that the order names and sends each through the transforms.
#pragma once

#include "data/order.hpp"

namespace duel {

// A batch with the memory for it. Storage is taken once, for full batches.
struct BatchBuffer {
  std::vector<std::vector<float>> values;  // [field][row × elements]
  Batch batch;                             // spans into values
};

// Used by one thread at a time. Does not allocate after construction.
class BatchMaker {
 public:
  // Throws ShapeError when a transform cannot take the fields, UserError as ExampleOrder does.
  BatchMaker(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options);

  const std::vector<Field>& fields() const { return stages_.back(); }
  const ExampleOrder& order() const { return order_; }
  BatchBuffer make_buffer() const;
  void fill(int64_t number, BatchBuffer& buffer);

 private:
  using Pointers = std::vector<float*>;

  void read_example(int64_t index, std::span<float* const> out, uint64_t position);

  std::shared_ptr<const Dataset> dataset_;
  std::vector<std::shared_ptr<const Transform>> transforms_;
  int64_t batch_;
  bool augment_;
  ExampleOrder order_;
  std::vector<std::vector<Field>> stages_;   // the fields before each transform and after the last
  std::vector<uint64_t> random_keys_;        // of each transform
  std::vector<std::vector<float>> scratch_;  // memory of scratch_pointers_
  std::vector<Pointers> scratch_pointers_;   // [stage][field]: an example before each transform
  std::vector<const float*> inputs_;
  Pointers row_;
  std::vector<int64_t> indices_;
};

}  // namespace duel
