#include "plugins/values/sources.hpp"

#include "plugins/values/truncated.hpp"

namespace duel {

Tensor NormalSource::standard(ValueContext& context) const {
  const Shape full = shape.prepend(rows(context));
  const RandomSource source = stream(context, "normal");
  if (truncation == nullptr) return random_normal(context.graph(), source, full);
  return truncated_normal(random_uniform(context.graph(), source, full), context.number(*truncation));
}

Tensor NormalSource::build(ValueContext& context) const {
  return standard(context) * context.number(*deviation) + context.number(*mean);
}

void NormalSource::declare(Declaration<NormalSource>& d) {
  d.help("independent normal random numbers: normal(100)");
  d.parameter("shape", &NormalSource::shape, "shape of a row, without the batch").required();
  d.parameter("mean", &NormalSource::mean, "of the numbers; may be a schedule");
  d.parameter("deviation", &NormalSource::deviation, "their standard deviation; may be a schedule").min(0);
  d.parameter(
       "truncation", &NormalSource::truncation,
       "none is further from the mean than so many deviations (Brock et al. 2019, section 3.1); may be a schedule")
      .above(0);
  declare_source(d);
}

Tensor UniformSource::build(ValueContext& context) const {
  const Shape full = shape.prepend(rows(context));
  const Tensor least = context.number(*low);
  const Tensor width = context.number(*high) - least;
  return random_uniform(context.graph(), stream(context, "uniform"), full) * width + least;
}

std::string UniformSource::conflict() const {
  if (!low->is_constant() || !high->is_constant() || low->at({}) < high->at({})) return "";
  return "'low' must be less than 'high'";
}

void UniformSource::declare(Declaration<UniformSource>& d) {
  d.help("independent random numbers, uniform in [low, high): uniform(100, low=-1, high=1)");
  d.parameter("shape", &UniformSource::shape, "shape of a row, without the batch").required();
  d.parameter("low", &UniformSource::low, "the least; may be a schedule");
  d.parameter("high", &UniformSource::high, "more than the greatest; may be a schedule");
  declare_source(d);
}

}  // namespace duel
