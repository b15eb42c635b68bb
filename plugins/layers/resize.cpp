// Layers that give images another size by filters without weights.
#include "plugins/layers/layers.hpp"
#include "registry/image_filters.hpp"

namespace duel {
namespace {

template <class Filter>
struct FilterLayer final : Layer, Filter {
  static void declare(Declaration<FilterLayer>& d) {
    d.help(Filter::help);
    d.reference(Filter::reference);
    Filter::declare_filter(d, true);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override { return Filter::apply(inputs[0]); }
};

template <class Filter>
void add_filter(KindRegistry<Layer>& layers) {
  layers.add<FilterLayer<Filter>>(Filter::name);
}

}  // namespace

void add_resize(KindRegistry<Layer>& layers) {
  add_filter<UpsampleFilter>(layers);
  add_filter<DownsampleFilter>(layers);
  add_filter<BlurFilter>(layers);
}

}  // namespace duel
