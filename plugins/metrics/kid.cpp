#include "plugins/metrics/kid.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "plugins/metrics/row_block.hpp"

namespace duel {
namespace {

// Two blocks of rows whose kernel values are summed. Among rows of one side, blocks (i, j) and (j, i) have one sum.
struct BlockPair {
  bool left_is_real;
  bool right_is_real;
  int64_t left;
  int64_t right;

  bool one_side() const { return left_is_real == right_is_real; }
};

std::vector<BlockPair> block_pairs(int64_t blocks) {
  std::vector<BlockPair> pairs;
  for (int64_t i = 0; i < blocks; ++i) {
    for (int64_t j = 0; j < blocks; ++j) {
      if (j >= i) pairs.push_back({true, true, i, j});
      if (j >= i) pairs.push_back({false, false, i, j});
      pairs.push_back({true, false, i, j});
    }
  }
  return pairs;
}

class SubsetDistances {
 public:
  SubsetDistances(const FeatureMatrix& real, const FeatureMatrix& fake, int64_t subsets, int64_t size, uint64_t seed)
      : real_(real),
        fake_(fake),
        subsets_(subsets),
        size_(size),
        seed_(seed),
        blocks_(size, real.width()),
        pairs_(block_pairs(blocks_.size())) {}

  // The squared discrepancy of each subset.
  std::vector<double> compute() const {
    constexpr int64_t most_sums = int64_t{1} << 20;  // kept at a time
    const auto pairs = static_cast<int64_t>(pairs_.size());
    const int64_t at_once = std::clamp<int64_t>(most_sums / pairs, 1, subsets_);
    std::vector<double> sums(static_cast<std::size_t>(at_once * pairs)), out;
    for (int64_t begin = 0; begin < subsets_; begin += at_once) {
      const int64_t count = std::min(at_once, subsets_ - begin);
      for_tiles(count * pairs, [&](int64_t tile) {
        sums[static_cast<std::size_t>(tile)] =
            pair_sum(begin + tile / pairs, pairs_[static_cast<std::size_t>(tile % pairs)]);
      });
      for (int64_t subset = 0; subset < count; ++subset) {
        out.push_back(combined(std::span(sums).subspan(static_cast<std::size_t>(subset * pairs), pairs_.size())));
      }
    }
    return out;
  }

 private:
  RowBlock rows(int64_t subset, bool is_real, int64_t block) const {
    const FeatureMatrix& side = is_real ? real_ : fake_;
    const uint64_t key = stream_key(seed_, static_cast<uint64_t>(subset), is_real ? "kid/real" : "kid/fake");
    const auto count = static_cast<uint64_t>(side.count());
    return {side, blocks_[block],
            [=](int64_t i) { return static_cast<int64_t>(permuted_index(key, count, static_cast<uint64_t>(i))); }};
  }

  // The kernel's sum over the pair of blocks; over a block and itself, without the pairs of a row with itself.
  double pair_sum(int64_t subset, const BlockPair& pair) const {
    const RowBlock left = rows(subset, pair.left_is_real, pair.left);
    const RowBlock right = rows(subset, pair.right_is_real, pair.right);
    std::vector<double> kernel;
    products(left, right, kernel);
    const bool itself = pair.one_side() && pair.left == pair.right;
    const auto columns = static_cast<std::size_t>(right.range().rows);
    double sum = 0;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      if (itself && i / columns == i % columns) continue;
      const double base = kernel[i] / static_cast<double>(real_.width()) + 1;
      sum += base * base * base;
    }
    return pair.one_side() && !itself ? 2 * sum : sum;
  }

  double combined(std::span<const double> sums) const {
    double within = 0, between = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) (pairs_[i].one_side() ? within : between) += sums[i];
    const auto size = static_cast<double>(size_);
    return within / (size * (size - 1)) - 2 * between / (size * size);
  }

  const FeatureMatrix& real_;
  const FeatureMatrix& fake_;
  int64_t subsets_;
  int64_t size_;
  uint64_t seed_;
  RowBlocks blocks_;
  std::vector<BlockPair> pairs_;
};

}  // namespace

std::vector<EvaluationRecord> Kid::evaluate(const EvaluationInput& input) const {
  const FeatureMatrix &real = *input.real.rows, &fake = *input.fake.rows;
  real.require_rows(2, "kid");
  fake.require_rows(2, "kid");
  const int64_t size = std::min({subset_size, real.count(), fake.count()});
  const bool whole = size == real.count() && size == fake.count();
  const int64_t number = whole ? 1 : subsets;
  const std::vector<double> distances = SubsetDistances(real, fake, number, size, input.seed).compute();
  EvaluationRecord record;
  record.metric = "kid";
  for (const double distance : distances) record.value += distance / static_cast<double>(number);
  if (number > 1) {
    double squares = 0;
    for (const double distance : distances) squares += (distance - record.value) * (distance - record.value);
    record.uncertainty = std::sqrt(squares / static_cast<double>(number));
    record.uncertainty_kind = "standard deviation over subsets";
  }
  if (size < subset_size) {
    record.warnings.push_back(
        fmt::format("there are few samples: subsets have {} rows instead of {}", size, subset_size));
  }
  if (whole && subsets > 1)
    record.warnings.emplace_back("the only subset is all samples: the uncertainty is not known");
  record.protocol.seed = input.seed;
  record.protocol.parameters = {{"subsets", std::to_string(number)}, {"subset_size", std::to_string(size)}};
  return {record};
}

void Kid::declare(Declaration<Kid>& d) {
  d.help("unbiased squared maximum mean discrepancy with a cubic kernel, over subsets; 0 in the mean for equal sides");
  d.reference("Bińkowski et al., Demystifying MMD GANs (2018)");
  d.parameter("subsets", &Kid::subsets, "how many subsets are drawn").min(1).max(100000);
  d.parameter("subset_size", &Kid::subset_size, "rows of a subset, of each side; at most all").min(2);
}

}  // namespace duel
