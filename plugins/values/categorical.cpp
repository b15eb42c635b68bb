#include "plugins/values/categorical.hpp"

#include <cmath>
#include <numeric>

namespace duel {
namespace {

double total(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

Tensor CategoricalSource::build(ValueContext& context) const {
  const Tensor u = random_uniform(context.graph(), stream(context, "categorical"), Shape{rows(context)});
  // u is at most 1 − 2⁻²⁴, which times `classes` does not round up to `classes`, even in single precision.
  if (probabilities.empty()) return floor(u * static_cast<double>(classes));
  // The class is the number of upper ends of intervals that u has passed.
  Tensor index = constant_like(u, 0);
  double upper_end = 0;
  for (std::size_t i = 0; i + 1 < probabilities.size(); ++i) {
    upper_end += probabilities[i] / total(probabilities);
    index = index + greater_equal(u, constant_like(u, upper_end));
  }
  return index;
}

std::string CategoricalSource::conflict() const {
  if (probabilities.empty()) return "";
  if (static_cast<int64_t>(probabilities.size()) != classes) {
    return fmt::format("{} probabilities for {} classes", probabilities.size(), classes);
  }
  if (std::abs(total(probabilities) - 1) > 1e-6) return "the probabilities must add up to 1";
  return "";
}

void CategoricalSource::declare(Declaration<CategoricalSource>& d) {
  d.help("independent random class indices: categorical(10)");
  d.parameter("classes", &CategoricalSource::classes, "number of classes").required().min(1).max(1 << 24);
  d.parameter("probabilities", &CategoricalSource::probabilities, "of the classes; when not given, all are alike")
      .min(0)
      .max(1);
  declare_source(d);
}

}  // namespace duel
