#include "tests/support/vectors.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace duel {

nlohmann::json read_vectors(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return nlohmann::json::parse(stream);
}

HostTensor tensor_of(const nlohmann::json& json) {
  const auto extents = json.at("shape").get<std::vector<int64_t>>();
  return {Shape(std::span<const int64_t>(extents)), json.at("values").get<std::vector<double>>()};
}

testing::AssertionResult tensors_near(const HostTensor& actual, const HostTensor& expected, double relative,
                                      double absolute) {
  if (actual.shape != expected.shape) {
    return testing::AssertionFailure() << "shape " << to_string(actual.shape) << ", not " << to_string(expected.shape);
  }
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    const double error = std::abs(actual.values[i] - expected.values[i]);
    if (error <= relative * std::abs(expected.values[i]) + absolute) continue;  // false for NaN
    return testing::AssertionFailure() << fmt::format("element {} is {}, not {} (off by {:.3g})", i, actual.values[i],
                                                      expected.values[i], error);
  }
  return testing::AssertionSuccess();
}

}  // namespace duel
