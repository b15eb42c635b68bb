// From a data set to batches, in the background: order, split, transforms, prefetch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace duel {

enum class Order { shuffled, sequential, replacement };
enum class LastBatch { drop, keep };
// What is hashed to decide whether an example is held out. By content, equal examples fall on the same side; so do the
// examples of another data set that has some of them.
enum class SplitBy { index, content };

struct LoaderOptions {
  int64_t batch = 32;
  Order order = Order::shuffled;
  LastBatch last = LastBatch::drop;
  uint64_t seed = 0;      // of the experiment: key of the order and of random transforms
  double test_share = 0;  // of the examples, held out by a hash
  uint64_t split_seed = 0;
  SplitBy split_by = SplitBy::index;
  bool test = false;    // this loader reads the held-out part; data without end has one whatever the share (order.hpp)
  bool augment = true;  // false: random transforms draw nothing (Transform::apply)
  int prefetch = 2;     // batches made ahead by a background thread; 0: made when asked
  std::vector<std::shared_ptr<const Transform>> transforms{};
};

// One batch in memory that the loader owns: fields()[f] as rows × shape floats.
struct Batch {
  int64_t rows = 0;
  int64_t number = 0;  // counts from 0 over the whole training
  std::vector<std::span<const float>> fields;
};

// The batches of a training, in an order that is a pure function of (options, number): nothing but the number of
// batches drawn need be saved. One user thread.
class Loader {
 public:
  Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  const std::vector<Field>& fields() const;  // after the transforms
  std::optional<int64_t> examples() const;   // in this part of the split; nothing for data without end
  // Batches an epoch, the odd one included when it is kept; nothing for data without end.
  std::optional<int64_t> batches_per_epoch() const;
  // Rows of batch `number` (the odd last batch of an epoch may be smaller).
  int64_t rows(int64_t number) const;

  // The next batch is `number`: after resume, or to go back.
  void seek(int64_t number);
  // The next batch; valid until the following call. Does not allocate after the first few. Rethrows what reading threw.
  const Batch& next();
  // Seconds that next() has waited for the background thread so far; without prefetch, that it took to make batches.
  double seconds_waited() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// Is the example in the held-out part? By a hash of (split seed, key), whatever the experiment's seed; the key is its
// index or its content_key().
bool in_test_split(uint64_t split_seed, double test_share, uint64_t key);

}  // namespace duel
