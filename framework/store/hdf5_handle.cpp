#include "store/hdf5_handle.hpp"

#include <hdf5.h>

#include <type_traits>

namespace duel::hdf5 {

static_assert(std::is_same_v<Id, hid_t> && std::is_same_v<Status, herr_t> && no_id == H5I_INVALID_HID);

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
  // Every file is closed by its owner. What HDF5 would do at exit is no use, and once it has seen a damaged file it
  // prints or aborts there. Has an effect only before HDF5's first call in the process.
  static const Status without_exit = H5dont_atexit();
  static_cast<void>(without_exit);
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
