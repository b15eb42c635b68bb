// What every HDF5 call of store/ goes through: owned identifiers, and failures as UserError. For store/ and evaluate/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace duel::hdf5 {

// HDF5's hid_t and herr_t; its own header is for sources alone.
using Id = int64_t;
using Status = int;
inline constexpr Id no_id = -1;

// Keeps HDF5 from printing its errors on this thread.
class SilentErrors {
 public:
  SilentErrors();
  ~SilentErrors();
  SilentErrors(const SilentErrors&) = delete;
  SilentErrors& operator=(const SilentErrors&) = delete;

 private:
  Status (*print_)(Id, void*) = nullptr;
  void* data_ = nullptr;
};

// Owns an identifier.
class Handle {
 public:
  using Close = Status (*)(Id);

  Handle() = default;
  Handle(Id id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, no_id)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }

  Id get() const { return id_; }
  void reset() {
    if (id_ < 0) return;
    const SilentErrors silent;
    close_(std::exchange(id_, no_id));
  }

 private:
  Id id_ = no_id;
  Close close_ = nullptr;
};

// Calls made for one file on this thread. A failed one becomes UserError(code): "FILE: cannot ACTION: HDF5's reason".
class Calls {
 public:
  Calls(std::filesystem::path file, ExitCode code) : file_(std::move(file)), code_(code) {}

  Handle own(Id id, Handle::Close close, std::string_view action) const {
    if (id < 0) fail_with_reason(action);
    return Handle(id, close);
  }
  // For calls that return a negative number when they fail.
  template <class Result>
  Result check(Result result, std::string_view action) const {
    if (result < 0) fail_with_reason(action);
    return result;
  }
  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const;

  const std::filesystem::path& file() const { return file_; }

 private:
  [[noreturn]] void fail_with_reason(std::string_view action) const;

  SilentErrors silent_;
  std::filesystem::path file_;
  ExitCode code_;
};

}  // namespace duel::hdf5
