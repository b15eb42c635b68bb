#include "plugins/metrics/scalars.hpp"

#include "data/errors.hpp"

namespace duel {

std::vector<double> scalars_of(const FeatureMatrix& side, const std::string& metric) {
  if (side.width() != 1) {
    fail_data(side.place(), fmt::format("has rows of {} numbers, and {} takes rows of one", side.width(), metric),
              "give the outputs of a discriminator or other scores, one a row");
  }
  std::vector<double> values(static_cast<std::size_t>(side.count()));
  for (int64_t i = 0; i < side.count(); ++i) side.copy_row(i, &values[static_cast<std::size_t>(i)]);
  return values;
}

}  // namespace duel
