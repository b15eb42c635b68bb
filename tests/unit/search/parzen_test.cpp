// Densities against vectors made without this code (make_parzen.py), and draws against the densities.
#include "search/parzen.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace duel {
namespace {

Distribution distribution_of(const nlohmann::json& item) {
  Distribution out;
  if (item.contains("probabilities")) {
    out.probabilities = item.at("probabilities").get<std::vector<double>>();
    for (std::size_t i = 0; i < out.probabilities.size(); ++i)
      out.values.push_back(YamlNode::scalar(std::to_string(i)));
    return out;
  }
  out.kind = item.at("log").get<bool>() ? Distribution::Kind::log_uniform : Distribution::Kind::uniform;
  out.low = item.at("min").get<double>();
  out.high = item.at("max").get<double>();
  out.step = item.at("q").get<double>();
  return out;
}

TEST(Parzen, HasTheDensitiesOfOptunasDescription) {
  std::ifstream file(std::string(DUEL_SOURCE_DIR) + "/tests/unit/search/parzen.json");
  const nlohmann::json items = nlohmann::json::parse(file);
  ASSERT_EQ(items.size(), 22U);
  for (const nlohmann::json& item : items) {
    const auto observed = item.at("observed").get<std::vector<double>>();
    const ParzenEstimator estimator(distribution_of(item), observed);
    for (std::size_t i = 0; i < item.at("at").size(); ++i) {
      const double expected = item.at("log_density")[i].get<double>();
      EXPECT_NEAR(estimator.log_density(item.at("at")[i].get<double>()), expected,
                  1e-9 * std::max(1.0, std::abs(expected)))
          << item.dump();
    }
  }
}

TEST(Parzen, DrawsWhatItsDensitySays) {
  Distribution numbers;
  numbers.kind = Distribution::Kind::uniform;
  numbers.low = 1;
  numbers.high = 6;
  numbers.step = 1;
  const ParzenEstimator estimator(numbers, std::vector<double>{2, 2, 5});
  RandomStream stream(stream_key(3, 0, "test"));
  constexpr int draws = 40000;
  std::array<int, 7> counts{};
  for (int i = 0; i < draws; ++i) ++counts.at(static_cast<std::size_t>(estimator.sample(stream)));
  double sum = 0;
  for (int value = 1; value <= 6; ++value) {
    const double share = std::exp(estimator.log_density(value));
    sum += share;
    const double spread = std::sqrt(share * (1 - share) / draws);
    EXPECT_NEAR(static_cast<double>(counts.at(static_cast<std::size_t>(value))) / draws, share, 5 * spread) << value;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

// A density on the axis integrates to 1.
TEST(Parzen, IsADensityOnItsAxis) {
  Distribution rates;
  rates.kind = Distribution::Kind::log_uniform;
  rates.low = 1e-5;
  rates.high = 1e-1;
  const ParzenEstimator estimator(rates, std::vector<double>{1e-4, 3e-4, 2e-2});
  const Distribution::Axis axis = rates.axis();
  constexpr int cells = 20000;
  double sum = 0;
  for (int i = 0; i < cells; ++i) {
    const double position = axis.low + (axis.high - axis.low) * (i + 0.5) / cells;
    sum += std::exp(estimator.log_density(rates.from_axis(position))) * (axis.high - axis.low) / cells;
  }
  EXPECT_NEAR(sum, 1, 1e-6);
}

}  // namespace
}  // namespace duel
