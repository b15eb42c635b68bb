#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "data/errors.hpp"
#include "data/image_formats.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

class PngReader {
 public:
  PngReader(std::span<const std::byte> content, const fs::path& file) : rest_(content), file_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    DUEL_CHECK(png_ != nullptr, "libpng does not start");
    info_ = png_create_info_struct(png_);
    DUEL_CHECK(info_ != nullptr, "libpng does not start");
    png_set_read_fn(png_, this, read_bytes);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  ImageHeader header() {
    guarded([&] { png_read_info(png_, info_); });
    ImageHeader out{png_get_image_height(png_, info_),
                    png_get_image_width(png_, info_),
                    channels(),
                    png_get_bit_depth(png_, info_) == 16 ? 16 : 8,
                    {}};
    check_pixels(out.height, out.width, file_);
    return out;
  }

  Image decode() {
    header();
    guarded([&] { expand(); });
    Image out{png_get_image_height(png_, info_),
              png_get_image_width(png_, info_),
              png_get_channels(png_, info_),
              png_get_bit_depth(png_, info_),
              {}};
    out.pixels.resize(static_cast<std::size_t>(out.samples() * out.bits / 8));
    std::vector<png_bytep> rows(static_cast<std::size_t>(out.height));
    const std::size_t row_bytes = out.pixels.size() / rows.size();
    for (std::size_t y = 0; y < rows.size(); ++y) {
      rows[y] = reinterpret_cast<png_bytep>(out.pixels.data() + y * row_bytes);
    }
    guarded([&] { png_read_image(png_, rows.data()); });
    guarded([&] { png_read_end(png_, nullptr); });
    return out;
  }

 private:
  // libpng reports errors by longjmp: `call` must make nothing that needs a destructor.
  template <class Call>
  void guarded(Call&& call) {
    if (setjmp(png_jmpbuf(png_)) != 0) fail_data(file_, reason_, "fetch or make the file again");
    call();
  }

  int64_t channels() const {
    const int type = png_get_color_type(png_, info_);
    const bool transparent = png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    return ((type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1) + ((type & PNG_COLOR_MASK_ALPHA) != 0 || transparent ? 1 : 0);
  }

  void expand() {
    const int type = png_get_color_type(png_, info_);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (type == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) < 8) png_set_expand_gray_1_2_4_to_8(png_);
    if (png_get_valid(png_, info_, PNG_INFO_tRNS) != 0) png_set_tRNS_to_alpha(png_);
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  }

  static void read_bytes(png_structp png, png_bytep out, png_size_t size) {
    auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self.rest_.size()) png_error(png, "cut short");
    std::memcpy(out, self.rest_.data(), size);
    self.rest_ = self.rest_.subspan(size);
  }

  static void on_error(png_structp png, png_const_charp message) {
    auto& self = *static_cast<PngReader*>(png_get_error_ptr(png));
    self.reason_ = std::strcmp(message, "cut short") == 0 ? "the PNG data is cut short"
                                                          : fmt::format("the PNG data is damaged ({})", message);
    longjmp(png_jmpbuf(png), 1);
  }
  static void on_warning(png_structp, png_const_charp) {}  // such as odd colour profiles, which are not used

  std::span<const std::byte> rest_;
  const fs::path& file_;
  std::string reason_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

}  // namespace

ImageHeader read_png_header(std::span<const std::byte> content, const fs::path& file) {
  return PngReader(content, file).header();
}

Image decode_png(std::span<const std::byte> content, const fs::path& file) { return PngReader(content, file).decode(); }

}  // namespace duel
