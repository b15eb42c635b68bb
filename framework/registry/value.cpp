#include "registry/value.hpp"

#include <algorithm>
#include <cmath>

namespace duel {

int64_t rows_of_share(double share, int64_t rows) {
  const double all = static_cast<double>(rows);
  auto count = static_cast<int64_t>(std::ceil(share * all));
  if (static_cast<double>(count - 1) / all >= share) --count;  // the product was rounded up: 0.07 · 100 > 7
  return std::clamp<int64_t>(count, 1, rows);
}

}  // namespace duel
