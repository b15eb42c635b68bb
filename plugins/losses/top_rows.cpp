#include "plugins/losses/top_rows.hpp"

#include <fmt/format.h>

#include "graph/op.hpp"

namespace duel {
namespace {

Tensor mean_of_each_row(const Tensor& x) {
  const int64_t row_axis[] = {1};
  return mean(reshape(x, Shape{x.shape()[0], x.shape().without_first().elements()}), row_axis);
}

// How many rows come before each one: those of greater score, and the earlier ones of the same. All pairs are compared,
// as there are few rows.
Tensor ranks(const Tensor& scores) {
  const int64_t rows = scores.shape()[0];
  const Tensor other = reshape(scores, {1, rows}), own = reshape(scores, {rows, 1});
  const Tensor place = iota(scores.graph(), rows);
  const Tensor earlier = less(reshape(place, {1, rows}), reshape(place, {rows, 1}));
  const int64_t others_axis[] = {1};
  return sum(greater(other, own) + equal(other, own) * earlier, others_axis);
}

}  // namespace

bool takes_all(const Schedule& share) { return share.is_constant() && share.at({}) == 1; }

Tensor mean_of_top(ValueContext& context, const Tensor& terms, const Tensor& scores, const Schedule& share) {
  if (takes_all(share)) return mean(terms);
  if (terms.rank() == 0) throw ShapeError("top: a single number has no rows to choose from");
  const Tensor count = context.row_count(share, terms.shape()[0]);
  const Tensor chosen = less(ranks(stop_gradient(mean_of_each_row(scores))), count);
  const Tensor of_rows = mean_of_each_row(terms);
  return sum(select(chosen, of_rows, constant_like(of_rows, 0))) / count;
}

}  // namespace duel
