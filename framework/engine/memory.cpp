#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
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

#if defined(__SANITIZE_ADDRESS__)
bool is_big(std::size_t) { return false; }  // only its own heap lets it see who writes past the end
#else
bool is_big(std::size_t size) { return size >= huge_page; }
#endif
std::size_t in_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

[[noreturn]] void refuse(std::size_t size) {
  throw UserError(ExitCode::storage, fmt::format("there is no memory for {}", format_bytes(size)),
                  "use a smaller batch or network");
}

std::byte* allocate_small(std::size_t size) {
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, size) != 0) refuse(size);
  std::memset(memory, 0, size);
  return static_cast<std::byte*>(memory);
}

// Straight from the system, which gives zeros page by page when a page is first used: nobody waits for pages that are
// not used, and the threads of the first step share the rest.
std::byte* map_big(std::size_t size) {
  const std::size_t kept = in_pages(size);
  void* memory = mmap(nullptr, kept + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) refuse(size);
  auto* const start = static_cast<std::byte*>(memory);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(memory) % huge_page;
  if (before > 0) munmap(start, before);
  munmap(start + before + kept, huge_page - before);
  // Fewer page faults and misses of the address cache; without huge pages it is merely slower.
  madvise(start + before, size, MADV_HUGEPAGE);
  return start + before;
}

}  // namespace

AlignedBuffer::AlignedBuffer(int64_t bytes) : size_(bytes) {
  DUEL_CHECK(bytes >= 0, "a buffer of {} bytes", bytes);
  if (bytes == 0) return;
  const auto size = static_cast<std::size_t>(bytes);
  data_ = is_big(size) ? map_big(size) : allocate_small(size);
}

AlignedBuffer::~AlignedBuffer() {
  const auto size = static_cast<std::size_t>(size_);
  if (is_big(size)) {
    munmap(data_, in_pages(size));
  } else {
    std::free(data_);
  }
}

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace duel
