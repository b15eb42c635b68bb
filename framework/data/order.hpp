// Which examples make up which batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/loader.hpp"

namespace duel {

// Maps the number of a batch to the indices of its examples in the data set: a pure function of (data set size,
// options, number). Immutable; thread-safe.
//
//   shuffled     each epoch is a keyed permutation of the part's examples, keyed by (seed, epoch)
//   sequential   each epoch in the data set's order
//   replacement  each row draws from the part anew; every batch is full
//
// Data without end counts as 2^47 examples for training and, behind them, as many for testing: shuffled, no example
// comes twice, and different seeds see different ones.
class ExampleOrder {
 public:
  // Throws UserError(ExitCode::experiment) when the part is empty, smaller than a batch that may not be odd, or held
  // out of data that draws again. The data set is read here only, and only for a split by content.
  ExampleOrder(const Dataset& dataset, const LoaderOptions& options);

  std::optional<int64_t> examples() const;
  std::optional<int64_t> batches_per_epoch() const;
  int64_t rows(int64_t number) const;
  // Writes rows(number) indices.
  void indices(int64_t number, std::span<int64_t> out) const;

 private:
  int64_t batches() const;
  int64_t index_at(int64_t position) const;

  Order order_;
  int64_t batch_;
  bool keep_;
  uint64_t seed_;
  bool endless_;
  int64_t size_ = 0;  // examples of the part
  bool whole_;        // the part is everything from first_ on, else what part_ lists
  int64_t first_ = 0;
  std::vector<int64_t> part_;  // ascending
};

}  // namespace duel
