#include "evaluate/leakage.hpp"

#include <algorithm>

#include "base/parallel.hpp"
#include "data/content_key.hpp"

namespace duel {
namespace {

std::vector<uint64_t> keys_of(const FeatureMatrix& features) {
  constexpr int64_t rows_a_tile = 256;
  std::vector<uint64_t> keys(static_cast<std::size_t>(features.count()));
  for_tiles((features.count() + rows_a_tile - 1) / rows_a_tile, [&](int64_t tile) {
    std::vector<double> values(static_cast<std::size_t>(features.width()));
    for (int64_t row = tile * rows_a_tile; row < std::min(features.count(), (tile + 1) * rows_a_tile); ++row) {
      features.copy_row(row, values.data());
      for (double& value : values) value += 0.0;  // −0 becomes 0
      ContentKey key;
      key.add(std::as_bytes(std::span(values)));
      keys[static_cast<std::size_t>(row)] = key.value();
    }
  });
  return keys;
}

}  // namespace

int64_t count_leaked(const FeatureMatrix& real, const FeatureMatrix& fake) {
  DUEL_CHECK(real.width() == fake.width(), "rows of {} and of {}", real.width(), fake.width());
  std::vector<uint64_t> reals = keys_of(real);
  std::ranges::sort(reals);
  return std::ranges::count_if(keys_of(fake), [&](uint64_t key) { return std::ranges::binary_search(reals, key); });
}

}  // namespace duel
