#include "plugins/layers/layers.hpp"

namespace duel {
namespace {

struct Embedding final : Layer {
  int64_t classes = 0;
  int64_t size = 0;
  std::shared_ptr<const Initializer> initializer;

  static void declare(Declaration<Embedding>& d) {
    d.help("a trained vector for each class: whole numbers 0 … classes−1 become an axis of `size`");
    d.parameter("classes", &Embedding::classes, "number of vectors").required().min(1);
    d.parameter("size", &Embedding::size, "length of each vector").required().min(1);
    d.parameter("initializer", &Embedding::initializer, "what the vectors start with")
        .preset("{uniform: {low: -0.05, high: 0.05}}", "{normal: 1}");
  }

  Tensor build(LayerContext& context, std::span<const Tensor> inputs) const override {
    const Tensor& indices = inputs[0];
    const Shape table_shape{classes, size};
    const Tensor table = context.weight("weight", table_shape, initializer, fans_of(table_shape), WeightAxes::table);
    const Tensor rows = gather(table, reshape(indices, {indices.shape().elements()}));
    Shape shape = indices.shape();
    shape.push_back(size);
    return reshape(rows, shape);
  }
};

}  // namespace

void add_embedding(KindRegistry<Layer>& layers) { layers.add<Embedding>("embedding"); }

}  // namespace duel
