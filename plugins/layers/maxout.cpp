#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Maxout final : Layer {
  int64_t pieces = 2;

  static void declare(Declaration<Maxout>& d) {
    d.help("the largest of each `pieces` neighbouring channels; has no weights: put a dense or conv before it");
    d.reference("Goodfellow et al., Maxout networks (2013)");
    d.parameter("pieces", &Maxout::pieces, "channels that compete; divides the last extent").required().main().min(1);
  }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const Tensor& x = inputs[0];
    require_features("maxout", x);
    const int64_t channels = x.shape()[-1];
    if (channels % pieces != 0) {
      throw ShapeError(fmt::format("maxout: {} channels of {} are no multiple of {} pieces", channels,
                                   to_string(x.shape()), pieces));
    }
    const int64_t groups = channels / pieces;
    const int64_t last[] = {-1};
    return reshape(max(reshape(x, {x.shape().elements() / pieces, pieces}), last), with_last(x.shape(), groups));
  }
};

}  // namespace

void add_maxout(KindRegistry<Layer>& layers) { layers.add<Maxout>("maxout"); }

}  // namespace duel
