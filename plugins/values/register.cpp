#include "plugins/values/register.hpp"

#include "plugins/values/adaptive.hpp"
#include "plugins/values/arrange.hpp"
#include "plugins/values/categorical.hpp"
#include "plugins/values/clip.hpp"
#include "plugins/values/diff_augment.hpp"
#include "plugins/values/elementwise.hpp"
#include "plugins/values/flip.hpp"
#include "plugins/values/gradient.hpp"
#include "plugins/values/images.hpp"
#include "plugins/values/interpolate.hpp"
#include "plugins/values/noise.hpp"
#include "plugins/values/perturb.hpp"
#include "plugins/values/previous.hpp"
#include "plugins/values/reduce.hpp"
#include "plugins/values/replay.hpp"
#include "plugins/values/rows.hpp"
#include "plugins/values/sources.hpp"
#include "plugins/values/styles.hpp"
#include "plugins/values/walk.hpp"
#include "registry/registry.hpp"

namespace duel {

void register_values(Registry& registry) {
  auto& values = registry.values;
  values.add<UnaryValue<AbsFunction>>("abs");
  values.add<AdaptiveValue>("adaptive");
  values.add<FilterValue<BlurFilter>>(BlurFilter::name);
  values.add<CategoricalSource>("categorical");
  values.add<ClipValue>("clip");
  values.add<ConcatValue>("concat");
  values.add<DiffAugmentValue>("diff_augment");
  values.add<FilterValue<DownsampleFilter>>(DownsampleFilter::name);
  values.add<EachClassValue>("each_class");
  values.add<EdgesValue>("edges");
  values.add<UnaryValue<ExpFunction>>("exp");
  values.add<FlipValue>("flip");
  values.add<GradientValue>("gradient");
  values.add<GreyscaleValue>("greyscale");
  values.add<InterpolateValue>("interpolate");
  values.add<UnaryValue<LogFunction>>("log");
  values.add<BinaryValue<MaximumFunction>>("maximum");
  values.add<MeanValue>("mean");
  values.add<BinaryValue<MinimumFunction>>("minimum");
  values.add<MixStylesValue>("mix_styles");
  values.add<NoiseValue>("noise");
  values.add<NormValue>("norm");
  values.add<NormalSource>("normal");
  values.add<OneHotValue>("one_hot");
  values.add<PackValue>("pack");
  values.add<PerturbValue>("perturb");
  values.add<PreviousValue>("previous");
  values.add<RampValue>("ramp");
  values.add<RepeatRowsValue>("repeat_rows");
  values.add<ReplayValue>("replay");
  values.add<ReshapeValue>("reshape");
  values.add<SelectValue>("select");
  values.add<UnaryValue<SigmoidFunction>>("sigmoid");
  values.add<UnaryValue<SignFunction>>("sign");
  values.add<UnaryValue<SoftplusFunction>>("softplus");
  values.add<UnaryValue<SqrtFunction>>("sqrt");
  values.add<UnaryValue<SquareFunction>>("square");
  values.add<StopGradientValue>("stop_gradient");
  values.add<StylesValue>("styles");
  values.add<SumValue>("sum");
  values.add<UnaryValue<TanhFunction>>("tanh");
  values.add<UniformSource>("uniform");
  values.add<FilterValue<UpsampleFilter>>(UpsampleFilter::name);
  values.add<WalkValue>("walk");
}

}  // namespace duel
