#include "plugins/values/replay.hpp"

#include "graph/op.hpp"

namespace duel {
namespace {

// [n] as [n, 1, …], to broadcast along the rows of `like`.
Tensor one_a_row(const Tensor& vector, const Tensor& like) {
  Shape shape{vector.shape()[0]};
  for (int axis = 1; axis < like.rank(); ++axis) shape.push_back(1);
  return reshape(vector, shape);
}

}  // namespace

Tensor ReplayValue::places(ValueContext& context, int64_t batch) const {
  Graph& graph = context.graph();
  const auto all = static_cast<double>(size);
  const auto begin = [&](const Tensor& part) { return floor(part * all / static_cast<double>(batch)); };
  const Tensor row = iota(graph, batch);
  const Tensor within = random_uniform(graph, stream(context, "place"), Shape{batch});
  const Tensor place = begin(row) + floor(within * (begin(row + 1) - begin(row)));
  const Tensor turned = place + floor(random_uniform(graph, stream(context, "turn"), Shape{}) * all);
  return select(less(turned, constant(graph, all)), turned, turned - all);
}

Tensor ReplayValue::build(ValueContext& context) const {
  const Tensor now = context.evaluate(x);
  if (!context.trains()) return now;
  if (now.rank() == 0) throw ShapeError("replay: a single number has no rows");
  const int64_t batch = now.shape()[0];
  if (batch > size) {
    throw ShapeError(fmt::format("replay: a batch has {} rows, and only {} are to be stored", batch, size));
  }
  Graph& graph = context.graph();
  const Tensor all = constant(graph, static_cast<double>(size));
  const Tensor rows = context.state("rows", now.shape().without_first().prepend(size), 0);
  const Tensor filled = context.state("filled", {}, 0);

  const Tensor is_full = greater_equal(filled, all);
  const Tensor place = select(is_full, places(context, batch), filled + iota(graph, batch));
  const Tensor drawn = random_uniform(graph, stream(context, "exchange"), Shape{batch});
  const Tensor exchanged = is_full * less(drawn, context.number(*probability));
  const Tensor stored = select(is_full, exchanged, less(place, all));

  // Places are distinct where something is stored; what is not adds 0 somewhere.
  const Tensor put = scatter_add(select(one_a_row(stored, now), now, constant(graph, 0)), place, size);
  const Tensor changed = scatter_add(stored, place, size);
  context.set_state("rows", select(one_a_row(changed, now), put, rows));
  context.set_state("filled", minimum(filled + static_cast<double>(batch), all));
  return select(one_a_row(exchanged, now), gather(rows, place), now);
}

void ReplayValue::declare(Declaration<ReplayValue>& d) {
  d.help("generated examples, some of them exchanged for earlier ones: discriminator(replay(fake, 50))");
  d.reference(
      "Shrivastava et al. 2017, Learning from simulated and unsupervised images, section 2.3; Zhu et al. 2017, "
      "Unpaired "
      "image-to-image translation, section 4");
  d.parameter("x", &ReplayValue::x, "the examples of this step").required();
  d.parameter("size", &ReplayValue::size, "how many rows are stored; at least those of a batch").required().min(1);
  d.parameter("probability", &ReplayValue::probability,
              "how likely each row is to be exchanged, once all places are taken; may be a schedule")
      .min(0)
      .max(1);
  declare_redraw(d);
}

}  // namespace duel
