#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "engine/engine.hpp"

namespace duel {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;

}  // namespace

AlignedBuffer::AlignedBuffer(int64_t bytes) : size_(bytes) {
  DUEL_CHECK(bytes >= 0, "a buffer of {} bytes", bytes);
  if (bytes == 0) return;
  const auto size = static_cast<std::size_t>(bytes);
  const bool big = size >= huge_page;
  void* memory = nullptr;
  if (posix_memalign(&memory, big ? huge_page : alignment, size) != 0) {
    throw UserError(ExitCode::storage, fmt::format("there is no memory for {}", format_bytes(size)),
                    "use a smaller batch or network");
  }
  // Fewer page faults and misses of the address cache; without huge pages it is merely slower.
  if (big) madvise(memory, size, MADV_HUGEPAGE);
  std::memset(memory, 0, size);
  data_ = static_cast<std::byte*>(memory);
}

AlignedBuffer::~AlignedBuffer() { std::free(data_); }

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace duel
