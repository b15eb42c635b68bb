#include "kernels/strip_fill.hpp"

namespace duel {

StripPattern::StripPattern(std::span<const int64_t> extents, std::span<const int64_t> strides, int split) {
  row_stride_ = strides[static_cast<std::size_t>(split)];
  run_stride_ = row_stride_ == 0 ? 0 : 1;
  bool has_run = false;
  for (std::size_t axis = extents.size(); axis-- > static_cast<std::size_t>(split) + 1;) {
    if (!has_run) {
      run_ = extents[axis];
      run_stride_ = strides[axis];
      has_run = true;
    } else if (depth_ == 0 && strides[axis] == run_stride_ * run_) {
      run_ *= extents[axis];
    } else {
      extents_[static_cast<std::size_t>(depth_)] = extents[axis];
      strides_[static_cast<std::size_t>(depth_++)] = strides[axis];
    }
  }
  std::reverse(extents_.begin(), extents_.begin() + depth_);
  std::reverse(strides_.begin(), strides_.begin() + depth_);
}

}  // namespace duel
