#include "plugins/values/register.hpp"

#include "plugins/values/arrange.hpp"
#include "plugins/values/categorical.hpp"
#include "plugins/values/elementwise.hpp"
#include "plugins/values/flip.hpp"
#include "plugins/values/gradient.hpp"
#include "plugins/values/interpolate.hpp"
#include "plugins/values/noise.hpp"
#include "plugins/values/previous.hpp"
#include "plugins/values/reduce.hpp"
#include "plugins/values/sources.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_values(Registry& registry) {
  auto& values = registry.values;
  values.add<UnaryValue<AbsFunction>>("abs");
  values.add<CategoricalSource>("categorical");
  values.add<ConcatValue>("concat");
  values.add<UnaryValue<ExpFunction>>("exp");
  values.add<FlipValue>("flip");
  values.add<GradientValue>("gradient");
  values.add<InterpolateValue>("interpolate");
  values.add<UnaryValue<LogFunction>>("log");
  values.add<BinaryValue<MaximumFunction>>("maximum");
  values.add<MeanValue>("mean");
  values.add<BinaryValue<MinimumFunction>>("minimum");
  values.add<NoiseValue>("noise");
  values.add<NormValue>("norm");
  values.add<NormalSource>("normal");
  values.add<OneHotValue>("one_hot");
  values.add<PreviousValue>("previous");
  values.add<ReshapeValue>("reshape");
  values.add<SelectValue>("select");
  values.add<UnaryValue<SigmoidFunction>>("sigmoid");
  values.add<UnaryValue<SoftplusFunction>>("softplus");
  values.add<UnaryValue<SqrtFunction>>("sqrt");
  values.add<UnaryValue<SquareFunction>>("square");
  values.add<StopGradientValue>("stop_gradient");
  values.add<SumValue>("sum");
  values.add<UnaryValue<TanhFunction>>("tanh");
  values.add<UniformSource>("uniform");
}

}  // namespace duel
