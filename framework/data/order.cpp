#include "data/order.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"

namespace duel {
namespace {

constexpr int64_t endless_size = int64_t{1} << 47;

// What decides on which side an example falls.
std::vector<uint64_t> split_keys(const Dataset& dataset, int64_t size, SplitBy by) {
  std::vector<uint64_t> keys(static_cast<std::size_t>(size));
  if (by == SplitBy::index) {
    std::iota(keys.begin(), keys.end(), uint64_t{0});
  } else {
    for_tiles(size, [&](int64_t i) { keys[static_cast<std::size_t>(i)] = dataset.content_key(i); });
  }
  return keys;
}

std::vector<int64_t> indices_of_part(const Dataset& dataset, int64_t size, const LoaderOptions& options) {
  const std::vector<uint64_t> keys = split_keys(dataset, size, options.split_by);
  std::vector<int64_t> part;
  for (int64_t i = 0; i < size; ++i) {
    const uint64_t key = keys[static_cast<std::size_t>(i)];
    if (in_test_split(options.split_seed, options.test_share, key) == options.test) part.push_back(i);
  }
  return part;
}

}  // namespace

bool in_test_split(uint64_t split_seed, double test_share, uint64_t key) {
  const uint64_t hash = stream_key(split_seed, key, "data.split");
  return static_cast<double>(hash >> 11) * 0x1p-53 < test_share;
}

ExampleOrder::ExampleOrder(const Dataset& dataset, const LoaderOptions& options)
    : order_(options.order),
      batch_(options.batch),
      keep_(options.last == LastBatch::keep),
      seed_(options.seed),
      endless_(!dataset.size().has_value()),
      whole_(endless_ || (options.test_share == 0 && !options.test)) {
  DUEL_CHECK(batch_ >= 1, "a batch of {}", batch_);
  DUEL_CHECK(options.test_share >= 0 && options.test_share <= 1, "a test share of {}", options.test_share);
  if (dataset.draws_again() && (options.test || options.test_share > 0)) {
    throw UserError(ExitCode::experiment, "the data draws the same examples again and again, so none can be held out",
                    "give data.test a data set of its own, of other examples");
  }
  if (endless_) {
    size_ = endless_size;
    first_ = options.test ? endless_size : 0;
    return;
  }
  const int64_t all = *dataset.size();
  if (!whole_) part_ = indices_of_part(dataset, all, options);
  size_ = whole_ ? all : static_cast<int64_t>(part_.size());
  if (size_ == 0) {
    throw UserError(ExitCode::experiment,
                    fmt::format("the {} part of the data is empty: {} examples, of which a share of {} is for testing",
                                options.test ? "test" : "training", all, options.test_share),
                    "choose another data.split.test");
  }
  if (batches() == 0) {
    throw UserError(ExitCode::experiment,
                    fmt::format("a batch of {} is more than the {} examples there are", batch_, size_),
                    "make data.batch smaller, or say last: keep");
  }
}

std::optional<int64_t> ExampleOrder::examples() const { return endless_ ? std::nullopt : std::optional(size_); }

int64_t ExampleOrder::batches() const {
  if (keep_) return (size_ + batch_ - 1) / batch_;
  // Drawn with replacement, a batch may be larger than the data set.
  return std::max<int64_t>(size_ / batch_, order_ == Order::replacement ? 1 : 0);
}

std::optional<int64_t> ExampleOrder::batches_per_epoch() const {
  return endless_ ? std::nullopt : std::optional(batches());
}

int64_t ExampleOrder::rows(int64_t number) const {
  if (order_ == Order::replacement) return batch_;
  return std::min(batch_, size_ - number % batches() * batch_);
}

int64_t ExampleOrder::index_at(int64_t position) const {
  return whole_ ? first_ + position : part_[static_cast<std::size_t>(position)];
}

void ExampleOrder::indices(int64_t number, std::span<int64_t> out) const {
  DUEL_CHECK(number >= 0 && std::ssize(out) == rows(number), "room for {} rows of batch {}", out.size(), number);
  if (order_ == Order::replacement) {
    RandomStream random(stream_key(seed_, 0, "data.replacement"), {.step = static_cast<uint64_t>(number)});
    for (int64_t& index : out) index = index_at(static_cast<int64_t>(random.below(static_cast<uint64_t>(size_))));
    return;
  }
  const int64_t first_row = number % batches() * batch_;
  const auto epoch = static_cast<uint64_t>(number / batches());
  const uint64_t key = stream_key(seed_, epoch, "data.order");
  for (std::size_t row = 0; row < out.size(); ++row) {
    auto position = static_cast<uint64_t>(first_row) + row;
    if (order_ == Order::shuffled) position = permuted_index(key, static_cast<uint64_t>(size_), position);
    out[row] = index_at(static_cast<int64_t>(position));
  }
}

}  // namespace duel
