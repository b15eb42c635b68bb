#include "plugins/values/styles.hpp"

#include "graph/op.hpp"

namespace duel {
namespace {

Tensor vectors(const Tensor& w, std::string_view function) {
  if (w.rank() == 2) return w;
  throw ShapeError(fmt::format("{}: takes a vector for each example, not {}", function,
                               w.rank() == 0 ? std::string("a single number") : to_string(w.shape().without_first())));
}

Tensor for_each_layer(const Tensor& w, int64_t count) {
  const int64_t batch = w.shape()[0], n = w.shape()[1];
  return broadcast(reshape(w, {batch, 1, n}), {batch, count, n});
}

}  // namespace

Tensor StylesValue::build(ValueContext& context) const {
  return for_each_layer(vectors(context.evaluate(w), "styles"), count);
}

void StylesValue::declare(Declaration<StylesValue>& d) {
  d.help("the same style for each layer of a synthesis network: [n] becomes [count, n]");
  d.parameter("w", &StylesValue::w, "the style, a vector").required();
  d.parameter("count", &StylesValue::count, "how many layers take a style").required().min(1).max(1 << 20);
}

std::string MixStylesValue::conflict() const {
  return at && *at > count ? fmt::format("'at' is {}, and there are {} layers", *at, count) : "";
}

Tensor MixStylesValue::build(ValueContext& context) const {
  const Tensor first = vectors(context.evaluate(a), "mix_styles");
  const Tensor second = vectors(context.evaluate(b), "mix_styles");
  if (first.shape() != second.shape()) {
    throw ShapeError(fmt::format("mix_styles: needs two values of one shape, not {} and {}", to_string(first.shape()),
                                 to_string(second.shape())));
  }
  Graph& graph = context.graph();
  const Shape one_a_row{first.shape()[0], 1, 1};
  Tensor crossover = constant(graph, static_cast<double>(at.value_or(count)), one_a_row);
  if (!at && count > 1) {
    const Tensor place = random_uniform(graph, stream(context, "crossover"), one_a_row);
    const Tensor mixes = random_uniform(graph, stream(context, "mixes"), one_a_row);
    crossover = select(less(mixes, constant_like(mixes, probability)),
                       1 + floor(place * static_cast<double>(count - 1)), crossover);
  }
  const Tensor layer = broadcast(reshape(iota(graph, count), {1, count, 1}), {first.shape()[0], count, 1});
  const Tensor is_first = less(layer, broadcast(crossover, layer.shape()));
  const Tensor both = for_each_layer(first, count);
  return select(broadcast(is_first, both.shape()), both, for_each_layer(second, count));
}

void MixStylesValue::declare(Declaration<MixStylesValue>& d) {
  d.help(
      "styles of two vectors: a for the first layers, b from a random one on: mix_styles(mapping(z), mapping(z2), 8)");
  d.reference("Karras et al. 2019, A style-based generator architecture for GANs, section 3.1");
  d.parameter("a", &MixStylesValue::a, "style of the first layers").required();
  d.parameter("b", &MixStylesValue::b, "style of the others, of the same shape").required();
  d.parameter("count", &MixStylesValue::count, "how many layers take a style").required().min(1).max(1 << 20);
  d.parameter("probability", &MixStylesValue::probability, "of mixing at all; else all layers have a").min(0).max(1);
  d.parameter("at", &MixStylesValue::at, "the first layer of b, counted from 0, instead of a random one").min(0);
  declare_redraw(d);
}

}  // namespace duel
