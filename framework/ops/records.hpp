// The record of each op that is not elementwise (those have table.hpp's op_of), for kernels and passes that handle one
// op. Attributes are named in brackets; shapes and axes are lists of integers.
#pragma once

#include "graph/op.hpp"
#include "ops/taps.hpp"

namespace duel {

const Op& constant_op();        // [shape, value]
const Op& iota_op();            // [shape]: of rank 1
const Op& random_uniform_op();  // [key: the bits as int64, turn, repeat, shape]
const Op& random_normal_op();   // the same
const Op& broadcast_op();       // [shape]: the input's axes are its last ones; an extent of 1 or a missing axis repeats
const Op& sum_op();             // [axes]: sorted, not empty
const Op& max_op();             // [axes]
const Op& reshape_op();         // [shape]
const Op& permute_op();         // [order]: output axis i is input axis order[i]
const Op& slice_op();           // [start, stop]: one of each an axis
const Op& pad_op();             // [before, after]: one of each an axis
const Op& concat_op();          // [axis]
const Op& gather_op();          // inputs table, indices
const Op& scatter_add_op();     // inputs rows, indices; [rows]: the number of rows of the result
const Op& matmul_op();          // [transpose_a, transpose_b]: of the last two axes
// [stride, dilation, before, after: of height and width; groups], and of the adjoints the extents that are not to be
// seen from their inputs.
const Op& conv2d_op();
const Op& conv2d_input_gradient_op();   // [size]: height and width of the images
const Op& conv2d_weight_gradient_op();  // [kernel]: height and width of the weights
const Op& resample_op();                // [axis, inputs, starts, index, weight]: as in Taps
const Op& max_pool_take_op();           // [kernel, stride, before, after]
const Op& max_pool_put_op();
const Op& stop_gradient_op();

Taps taps_of(const Attributes& attributes);  // of a node of resample_op

}  // namespace duel
