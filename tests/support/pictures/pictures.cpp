#include "tests/support/pictures/pictures.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <png.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

// After <cstdio>, which it needs.
#include <jpeglib.h>

namespace duel {
namespace {

// The samples as bytes, those of 16 bits big-endian.
std::string packed(const TestPicture& picture) {
  std::string out;
  for (const int sample : picture.samples) {
    if (picture.bits == 16) out += static_cast<char>(sample >> 8);
    out += static_cast<char>(sample);
  }
  return out;
}

std::string archive_of(const NamedContents& files, const auto& choose_format) {
  archive* out = archive_write_new();
  choose_format(out);
  std::string bytes(1 << 20, '\0');
  for (const auto& [name, content] : files) bytes.resize(bytes.size() + 2 * content.size() + 4096);
  std::size_t used = 0;
  if (archive_write_open_memory(out, bytes.data(), bytes.size(), &used) != ARCHIVE_OK) {
    throw std::runtime_error(archive_error_string(out));
  }
  for (const auto& [name, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(out, entry);
    archive_write_data(out, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

}  // namespace

TestPicture noise_picture(int height, int width, int channels, uint64_t seed, int bits) {
  TestPicture out{height, width, channels, bits, {}};
  std::mt19937_64 random(seed);
  for (int i = 0; i < height * width * channels; ++i) out.samples.push_back(static_cast<int>(random() >> (64 - bits)));
  return out;
}

TestPicture even_picture(int height, int width, int channels, int value) {
  return {height, width, channels, 8, std::vector<int>(static_cast<std::size_t>(height * width * channels), value)};
}

std::string png_file(const TestPicture& picture, bool interlaced) {
  static constexpr int types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
  std::string out;
  std::string pixels = packed(picture);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp to, png_bytep data, png_size_t size) {
        static_cast<std::string*>(png_get_io_ptr(to))->append(reinterpret_cast<char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height),
               picture.bits, types[picture.channels], interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<png_bytep> rows;
  const auto row_bytes = static_cast<std::size_t>(picture.width * picture.channels * picture.bits / 8);
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    rows.push_back(reinterpret_cast<png_bytep>(pixels.data() + y * row_bytes));
  }
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string jpeg_file(const TestPicture& picture, int quality) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = picture.channels;
  jpeg.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  std::string pixels = packed(picture);
  const auto row_bytes = static_cast<std::size_t>(picture.width * picture.channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = reinterpret_cast<JSAMPROW>(pixels.data() + jpeg.next_scanline * row_bytes);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string out(reinterpret_cast<char*>(memory), size);
  jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return out;
}

std::string tar_file(const NamedContents& files, const std::string& filter) {
  return archive_of(files, [&](archive* out) {
    archive_write_set_format_pax_restricted(out);
    if (filter == "gzip") archive_write_add_filter_gzip(out);
  });
}

std::string zip_file(const NamedContents& files) {
  return archive_of(files, [](archive* out) { archive_write_set_format_zip(out); });
}

}  // namespace duel
