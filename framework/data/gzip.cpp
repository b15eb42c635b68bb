#include "data/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// The format's best: 258 bytes for two bits, 1032 to one (zlib's technical details).
constexpr uint64_t best_ratio = 1032;

// zlib counts in 32 bits, so input and output are handed over in pieces.
constexpr std::size_t piece = std::numeric_limits<uInt>::max();

class Inflater {
 public:
  Inflater(std::span<const std::byte> input, const fs::path& file) : rest_(input), file_(file) {
    constexpr int gzip_with_largest_window = 15 + 16;
    DUEL_CHECK(inflateInit2(&stream_, gzip_with_largest_window) == Z_OK, "zlib does not start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Fills `out` as far as the data goes; returns how many bytes came.
  std::size_t read(std::span<std::byte> out) {
    std::size_t filled = 0;
    while (filled < out.size() && !ended_) filled += inflate_some(out.subspan(filled));
    return filled;
  }

 private:
  std::size_t inflate_some(std::span<std::byte> out) {
    const std::size_t given = std::min(rest_.size(), piece);
    const std::size_t wanted = std::min(out.size(), piece);
    // zlib's interface is older than const; it does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(wanted);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    rest_ = rest_.subspan(given - stream_.avail_in);
    const std::size_t made = wanted - stream_.avail_out;
    if (result == Z_STREAM_END) {
      end_member();
    } else if (result == Z_BUF_ERROR || (result == Z_OK && rest_.empty() && made < wanted)) {
      fail_data(file_, "the gzip data is truncated", "fetch the file again");
    } else if (result != Z_OK) {
      fail_data(file_, fmt::format("the gzip data is damaged ({})", stream_.msg ? stream_.msg : "zlib refused it"),
                "fetch the file again");
    }
    return made;
  }

  // A gzip file is one member or several, one after another.
  void end_member() {
    if (rest_.empty()) {
      ended_ = true;
    } else if (is_gzip(rest_)) {
      DUEL_CHECK(inflateReset(&stream_) == Z_OK, "zlib does not start again");
    } else {
      fail_data(file_, fmt::format("{} bytes follow the end of the gzip data", rest_.size()), "fetch the file again");
    }
  }

  z_stream stream_{};
  std::span<const std::byte> rest_;
  const fs::path& file_;
  bool ended_ = false;
};

// What the end of the file says its last member holds (RFC 1952, ISIZE): a guess, and a good one for a single member.
uint64_t promised_size(std::span<const std::byte> compressed) {
  uint64_t size = 0;
  if (compressed.size() < 4) return size;
  for (const std::byte digit :
       {compressed.rbegin()[0], compressed.rbegin()[1], compressed.rbegin()[2], compressed.rbegin()[3]}) {
    size = size << 8 | std::to_integer<uint64_t>(digit);
  }
  return std::min<uint64_t>(size, best_ratio * compressed.size());
}

}  // namespace

bool is_gzip(std::span<const std::byte> content) {
  return content.size() >= 2 && content[0] == std::byte{0x1f} && content[1] == std::byte{0x8b};
}

Bytes gunzip_beginning(std::span<const std::byte> compressed, uint64_t limit, const fs::path& file) {
  Bytes content(limit);
  content.resize(Inflater(compressed, file).read(content));
  return content;
}

Bytes gunzip_all(std::span<const std::byte> compressed, uint64_t limit, const fs::path& file) {
  Inflater inflater(compressed, file);
  // One byte more than expected, so that the end is found without growing.
  Bytes content(std::min(promised_size(compressed), limit) + 1);
  std::size_t filled = 0;
  do {
    if (filled > 0) content.resize(std::max<std::size_t>(2 * filled, std::size_t{1} << 20));
    filled += inflater.read(std::span(content).subspan(filled));
    if (filled > limit) fail_data(file, fmt::format("holds more than {}", format_bytes(limit)));
  } while (filled == content.size());
  content.resize(filled);
  return content;
}

Bytes gunzip_exactly(std::span<const std::byte> compressed, uint64_t size, const fs::path& file) {
  if (size / best_ratio > compressed.size()) {
    fail_data(file, fmt::format("its header promises {}, more than {} of gzip data can hold", format_bytes(size),
                                format_bytes(compressed.size())));
  }
  Inflater inflater(compressed, file);
  Bytes content(size);
  const std::size_t filled = inflater.read(content);
  if (filled < size) {
    fail_data(file, fmt::format("holds {} bytes where its header promises {}", filled, size), "fetch the file again");
  }
  std::byte excess{};
  if (inflater.read({&excess, 1}) != 0) {
    fail_data(file, fmt::format("holds more than the {} bytes that its header promises", size));
  }
  return content;
}

}  // namespace duel
