#include "data/batch_maker.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

std::size_t elements(const Field& field) { return static_cast<std::size_t>(field.shape.elements()); }

}  // namespace

BatchMaker::BatchMaker(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options)
    : dataset_(std::move(dataset)),
      transforms_(options.transforms),
      batch_(options.batch),
      augment_(options.augment),
      order_(*dataset_, options),
      indices_(static_cast<std::size_t>(options.batch)) {
  stages_.push_back(dataset_->fields());
  for (const auto& transform : transforms_) {
    random_keys_.push_back(stream_key(options.seed, stages_.size() - 1, "data.transform"));
    Pointers& pointers = scratch_pointers_.emplace_back();
    for (const Field& field : stages_.back()) pointers.push_back(scratch_.emplace_back(elements(field)).data());
    stages_.push_back(transform->fields(stages_.back()));
  }
  std::size_t most_fields = 0;
  for (const auto& stage : stages_) most_fields = std::max(most_fields, stage.size());
  inputs_.reserve(most_fields);
  row_.resize(fields().size());
}

BatchBuffer BatchMaker::make_buffer() const {
  BatchBuffer buffer;
  for (const Field& field : fields()) {
    const auto size = field.shape.prepend(batch_).checked_elements();
    if (!size || *size > std::numeric_limits<int64_t>::max() / int64_t{sizeof(float)}) {
      throw UserError(ExitCode::experiment, fmt::format("a batch of {} examples of {} {} does not fit memory", batch_,
                                                        field.name, to_string(field.shape)));
    }
    buffer.values.emplace_back(static_cast<std::size_t>(*size));
  }
  buffer.batch.fields.resize(buffer.values.size());
  return buffer;
}

void BatchMaker::fill(int64_t number, BatchBuffer& buffer) {
  const auto rows = static_cast<std::size_t>(order_.rows(number));
  order_.indices(number, std::span(indices_).first(rows));
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t f = 0; f < row_.size(); ++f) row_[f] = buffer.values[f].data() + row * elements(fields()[f]);
    const uint64_t position = static_cast<uint64_t>(number) * static_cast<uint64_t>(batch_) + row;
    read_example(indices_[row], row_, position);
  }
  buffer.batch.rows = static_cast<int64_t>(rows);
  buffer.batch.number = number;
  for (std::size_t f = 0; f < row_.size(); ++f) {
    buffer.batch.fields[f] = std::span(buffer.values[f]).first(rows * elements(fields()[f]));
  }
}

// `position` counts the examples of the whole training: no two share their random numbers, not even an example that is
// drawn twice in an epoch.
void BatchMaker::read_example(int64_t index, std::span<float* const> out, uint64_t position) {
  dataset_->read(index, transforms_.empty() ? out : std::span<float* const>(scratch_pointers_.front()));
  for (std::size_t t = 0; t < transforms_.size(); ++t) {
    const bool last = t + 1 == transforms_.size();
    RandomStream random(random_keys_[t], {.step = position});
    inputs_.assign(scratch_pointers_[t].begin(), scratch_pointers_[t].end());
    transforms_[t]->apply(stages_[t], inputs_, last ? out : std::span<float* const>(scratch_pointers_[t + 1]),
                          augment_ ? &random : nullptr);
  }
}

}  // namespace duel
