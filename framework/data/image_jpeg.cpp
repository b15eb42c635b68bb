#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>

// After <cstdio>, which it needs.
#include <jpeglib.h>
// After <jpeglib.h>: the numbers of the messages depend on what that says of the library.
#include <jerror.h>

#include "base/error.hpp"
#include "data/errors.hpp"
#include "data/image_formats.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// libjpeg goes on after these with made-up pixels; other warnings leave the picture as it should be.
bool is_damage(int message) {
  switch (message) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
      return true;
    default:
      return false;
  }
}

bool is_cut_short(int message) {
  return message == JWRN_JPEG_EOF || message == JERR_INPUT_EOF || message == JERR_INPUT_EMPTY;
}

// C, M, Y and K as Adobe writes them, 255 for no ink: each colour is dimmed by the black.
void cmyk_to_rgb(const std::byte* in, std::byte* out, int64_t pixels) {
  for (int64_t i = 0; i < pixels; ++i, in += 4, out += 3) {
    const auto light = std::to_integer<unsigned>(in[3]);
    for (int c = 0; c < 3; ++c) {
      const unsigned ink = 255 - std::to_integer<unsigned>(in[c]);
      out[c] = static_cast<std::byte>(light - (ink * light + 127) / 255);
    }
  }
}

class JpegReader {
 public:
  JpegReader(std::span<const std::byte> content, const fs::path& file) : file_(file) {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = [](j_common_ptr jpeg) { leave(jpeg); };
    errors_.emit_message = [](j_common_ptr jpeg, int level) {
      if (level < 0 && is_damage(jpeg->err->msg_code)) leave(jpeg);
    };
    guarded([&] {
      jpeg_create_decompress(&jpeg_);
      jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(content.data()), content.size());
    });
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  ImageHeader header() {
    guarded([&] { jpeg_read_header(&jpeg_, TRUE); });
    ImageHeader out{jpeg_.image_height, jpeg_.image_width, jpeg_.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3, 8, {}};
    check_pixels(out.height, out.width, file_);
    return out;
  }

  Image decode() {
    Image out = header();
    const bool cmyk = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
    jpeg_.out_color_space = cmyk ? JCS_CMYK : out.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    guarded([&] { jpeg_start_decompress(&jpeg_); });
    const auto row_bytes = static_cast<std::size_t>(out.width * jpeg_.output_components);
    Bytes pixels(row_bytes * static_cast<std::size_t>(out.height));
    guarded([&] {
      while (jpeg_.output_scanline < jpeg_.output_height) {
        JSAMPROW row = reinterpret_cast<JSAMPROW>(pixels.data() + jpeg_.output_scanline * row_bytes);
        jpeg_read_scanlines(&jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&jpeg_);
    });
    if (cmyk) {
      out.pixels.resize(static_cast<std::size_t>(out.samples()));
      cmyk_to_rgb(pixels.data(), out.pixels.data(), out.height * out.width);
    } else {
      out.pixels = std::move(pixels);
    }
    return out;
  }

 private:
  // libjpeg reports errors by calling leave(): `call` must make nothing that needs a destructor.
  template <class Call>
  void guarded(Call&& call) {
    if (setjmp(escape_) != 0) fail();
    call();
  }

  [[noreturn]] static void leave(j_common_ptr jpeg) {
    longjmp(static_cast<JpegReader*>(jpeg->client_data)->escape_, 1);
  }

  [[noreturn]] void fail() {
    std::array<char, JMSG_LENGTH_MAX> message{};
    errors_.format_message(reinterpret_cast<j_common_ptr>(&jpeg_), message.data());
    fail_data(file_,
              is_cut_short(errors_.msg_code) ? "the JPEG data is cut short"
                                             : fmt::format("the JPEG data is damaged ({})", message.data()),
              "fetch or make the file again");
  }

  const fs::path& file_;
  jpeg_error_mgr errors_{};
  jpeg_decompress_struct jpeg_{};
  std::jmp_buf escape_{};
};

}  // namespace

ImageHeader read_jpeg_header(std::span<const std::byte> content, const fs::path& file) {
  return JpegReader(content, file).header();
}

Image decode_jpeg(std::span<const std::byte> content, const fs::path& file) {
  return JpegReader(content, file).decode();
}

}  // namespace duel
