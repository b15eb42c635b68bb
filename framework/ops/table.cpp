#include "ops/table.hpp"

#include <algorithm>

#include "ops/records.hpp"

namespace duel {
namespace {

std::vector<const Op*> collect() {
  std::vector<const Op*> ops{&input_op(),
                             &variable_op(),
                             &assign_op(),
                             &constant_op(),
                             &iota_op(),
                             &random_uniform_op(),
                             &random_normal_op(),
                             &broadcast_op(),
                             &sum_op(),
                             &max_op(),
                             &reshape_op(),
                             &permute_op(),
                             &slice_op(),
                             &pad_op(),
                             &concat_op(),
                             &gather_op(),
                             &scatter_add_op(),
                             &matmul_op(),
                             &conv2d_op(),
                             &conv2d_input_gradient_op(),
                             &conv2d_weight_gradient_op(),
                             &resample_op(),
                             &max_pool_take_op(),
                             &max_pool_put_op(),
                             &stop_gradient_op()};
  for (uint8_t i = 0; i < static_cast<uint8_t>(Elementwise::count); ++i) {
    ops.push_back(&op_of(static_cast<Elementwise>(i)));
  }
  return ops;
}

}  // namespace

std::span<const Op* const> all_ops() {
  static const std::vector<const Op*> ops = collect();
  return ops;
}

const Op* find_op(std::string_view name) {
  const auto ops = all_ops();
  const auto found = std::ranges::find(ops, name, &Op::name);
  return found == ops.end() ? nullptr : *found;
}

}  // namespace duel
