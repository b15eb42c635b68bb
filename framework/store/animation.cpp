#include "store/animation.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"

namespace duel {
namespace {

constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
constexpr uint64_t largest_frame = uint64_t{256} << 20;
constexpr std::size_t header_size = 13;  // of IHDR's data: width, height, and five bytes of the kind of pixels

[[noreturn]] void refuse_frame(const std::filesystem::path& file, const std::string& what,
                               const std::string& remedy = {}) {
  throw UserError(ExitCode::data, Problem{{file.string(), 0, 0}, {}, what, remedy, {}});
}

// Numbers are big-endian.
uint32_t number_at(std::string_view bytes, std::size_t at) {
  uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_number(std::string& out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

// What a chunk's check sum is of: its type and data.
uint32_t check_sum(std::string_view text) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_number(out, data.size(), 4);
  const std::string body = std::string(type) + std::string(data);
  out += body;
  append_number(out, check_sum(body), 4);
}

struct Frame {
  std::string header;  // IHDR's data
  std::string pixels;  // compressed
};

Frame read_frame(const std::filesystem::path& file) {
  const Bytes bytes = read_file(file, largest_frame);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(signature)) refuse_frame(file, "is no PNG picture");
  Frame frame;
  for (std::size_t at = signature.size(); at + 12 <= text.size();) {
    const std::size_t size = number_at(text, at);
    if (size > text.size() - at - 12) break;
    const std::string_view body = text.substr(at + 4, 4 + size);
    if (check_sum(body) != number_at(text, at + 8 + size)) break;
    const std::string_view type = body.substr(0, 4), data = body.substr(4);
    if (type == "IHDR" && size == header_size) frame.header = data;
    if (type == "IDAT") frame.pixels += data;
    if (type == "PLTE") refuse_frame(file, "has a palette: frames of an animation would share one");
    if (type == "IEND" && !frame.header.empty() && !frame.pixels.empty()) return frame;
    at += 12 + size;
  }
  refuse_frame(file, "is damaged: its parts do not have the check sums that they should");
}

// One frame's place and time.
std::string frame_control(uint32_t sequence, const Frame& frame, int64_t milliseconds) {
  std::string data;
  append_number(data, sequence, 4);
  data += frame.header.substr(0, 8);  // width and height
  append_number(data, 0, 8);          // at the upper left corner
  append_number(data, static_cast<uint64_t>(milliseconds), 2);
  append_number(data, 1000, 2);
  append_number(data, 0, 2);  // left as it is afterwards, and not blended: the next one covers it
  return data;
}

}  // namespace

void write_animation(const std::filesystem::path& path, std::span<const std::filesystem::path> frames,
                     int64_t milliseconds) {
  DUEL_CHECK(!frames.empty() && milliseconds > 0 && milliseconds <= 65535, "{} frames of {} ms", frames.size(),
             milliseconds);
  std::string out(signature);
  std::string header;
  uint32_t sequence = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame frame = read_frame(frames[i]);
    if (i == 0) {
      header = frame.header;
      append_chunk(out, "IHDR", header);
      std::string control;
      append_number(control, frames.size(), 4);
      append_number(control, 0, 4);  // again and again
      append_chunk(out, "acTL", control);
    } else if (frame.header != header) {
      refuse_frame(frames[i],
                   fmt::format("is {} x {} pixels, and the first picture {} x {}, or of other colours",
                               number_at(frame.header, 0), number_at(frame.header, 4), number_at(header, 0),
                               number_at(header, 4)),
                   "pictures of one animation are alike");
    }
    const bool is_last = i + 1 == frames.size();
    append_chunk(out, "fcTL",
                 frame_control(sequence++, frame, is_last ? std::min<int64_t>(3 * milliseconds, 65535) : milliseconds));
    if (i == 0) {
      append_chunk(out, "IDAT", frame.pixels);
      continue;
    }
    std::string data;
    append_number(data, sequence++, 4);
    append_chunk(out, "fdAT", data + frame.pixels);
  }
  append_chunk(out, "IEND", "");
  write_file_atomically(path, out);
}

}  // namespace duel
