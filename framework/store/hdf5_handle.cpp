#include "store/hdf5_handle.hpp"

namespace duel::hdf5 {
namespace {

// The innermost entry of the error stack: the reason, where the outer ones only say who called whom.
std::string innermost_reason() {
  std::string reason = "HDF5 gives no reason";
  const auto take = [](unsigned depth, const H5E_error2_t* error, void* target) -> herr_t {
    if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(target) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &reason);
  return reason;
}

}  // namespace

SilentErrors::SilentErrors() {
  H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

SilentErrors::~SilentErrors() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

void Calls::fail(const std::string& what, const std::string& remedy) const {
  throw UserError(code_, Problem{{file_.string(), 0, 0}, {}, what, remedy, {}});
}

void Calls::fail_with_reason(std::string_view action) const {
  fail(fmt::format("cannot {}: {}", action, innermost_reason()));
}

}  // namespace duel::hdf5
