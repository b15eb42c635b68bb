#include "plugins/datasets/image_store.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "data/content_key.hpp"
#include "data/errors.hpp"
#include "data/resample.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// The left or right half of a picture.
Image half_of(const Image& image, ImageFile::Part part) {
  Image out{image.height, image.width / 2, image.channels, image.bits, {}};
  const auto row = static_cast<std::ptrdiff_t>(out.width * out.channels * out.bits / 8);
  out.pixels.reserve(image.pixels.size() / 2);
  for (int64_t y = 0; y < image.height; ++y) {
    const auto from = image.pixels.begin() + row * (2 * y + (part == ImageFile::Part::right ? 1 : 0));
    out.pixels.insert(out.pixels.end(), from, from + row);
  }
  return out;
}

// What each of the files does by itself: its UserError becomes its problem.
template <class Work>
void attempt(std::optional<Problem>& problem, Work&& work) {
  try {
    work();
  } catch (const UserError& error) {
    if (error.code() != ExitCode::data || error.problems().empty()) throw;
    problem = error.problems().front();
  }
}

// The largest part of that ratio in the middle of `length` pixels, where the other axis has `other`.
AxisPart middle(int64_t length, int64_t other, int64_t new_length, int64_t new_other) {
  const double kept =
      std::min(static_cast<double>(length),
               static_cast<double>(other) * static_cast<double>(new_length) / static_cast<double>(new_other));
  const double begin = (static_cast<double>(length) - kept) / 2;
  return {begin, std::min(static_cast<double>(length), begin + kept)};
}

}  // namespace

std::string ImageOptions::image_conflict() const {
  if (size.size() > 2) return "'size' has one number, or height and width";
  if (channels == 2) return "'channels' is 1, 3 or 4";
  if (bits != 8 && bits != 16) return "'bits' is 8 or 16";
  if (cache != "none" && !parse_bytes(cache)) return "'cache' is a size such as 512 MiB, or none";
  return {};
}

int64_t ImageOptions::cache_bytes() const { return cache == "none" ? 0 : parse_bytes(cache).value(); }

bool is_picture_name(const std::string& name) {
  static constexpr std::array<std::string_view, 14> extensions{".png", ".jpg",  ".jpeg", ".jpe",  ".gif",
                                                               ".bmp", ".webp", ".tif",  ".tiff", ".ppm",
                                                               ".pgm", ".heic", ".avif", ".jp2"};
  std::string extension = fs::path(name).extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(extensions, extension) != extensions.end();
}

ImageStore::ImageStore(std::vector<ImageFile> files, const ImageOptions& options) : options_(options) {
  for (ImageFile& file : files) {
    const std::string name = file.tree->files()[file.file];
    entries_.push_back({std::move(file), name, {}, {}, {}, {}});
  }
  read_headers();
  choose_form();
  if (shape_.elements() == 0) return;
  const int64_t bytes = shape_.elements() * options_.bits / 8;
  cache_ = std::make_unique<ImageCache>(size(), bytes, options_.cache_bytes());
  if (options_.check == "headers") return;
  check_contents();
  if (cache_->capacity() < size()) return;
  for (Entry& done : entries_) done.source.tree.reset();  // nothing will be read again; an archive's memory is freed
}

void ImageStore::read_headers() {
  for_tiles(size(), [&](int64_t i) {
    Entry& entry = entries_[static_cast<std::size_t>(i)];
    attempt(entry.problem, [&] {
      const Bytes content = entry.source.tree->read(entry.source.file);
      const fs::path place = entry.source.tree->place(entry.source.file);
      entry.file_hash = sha256_hex(content);
      entry.header = read_image_header(content, place);
      if (entry.source.part == ImageFile::Part::whole) return;
      if (entry.header.width % 2 != 0) {
        fail_data(place, fmt::format("is {} pixels wide, which are not two halves", entry.header.width));
      }
      entry.header.width /= 2;
    });
  });
}

void ImageStore::choose_form() {
  const Entry* first = nullptr;
  bool colour = false;
  for (const Entry& entry : entries_) {
    if (entry.problem) continue;
    if (first == nullptr) first = &entry;
    colour = colour || entry.header.channels >= 3;
  }
  if (first == nullptr) return;
  if (options_.size.empty()) check_sizes(*first);
  const int64_t height = options_.size.empty() ? first->header.height : options_.size.front();
  const int64_t width = options_.size.empty() ? first->header.width : options_.size.back();
  shape_ = Shape{height, width, options_.channels.value_or(colour ? 3 : 1)};
}

void ImageStore::check_sizes(const Entry& first) {
  for (Entry& entry : entries_) {
    const ImageHeader &is = entry.header, &must = first.header;
    if (entry.problem || (is.height == must.height && is.width == must.width)) continue;
    entry.problem = Problem{{entry.source.tree->place(entry.source.file).string(), 0, 0},
                            {},
                            fmt::format("has {} × {} pixels, where {} has {} × {}", is.height, is.width, first.name,
                                        must.height, must.width),
                            "give 'size' to bring all to one size",
                            {}};
  }
}

void ImageStore::check_contents() {
  for_tiles(size(), [&](int64_t i) {
    Entry& entry = entries_[static_cast<std::size_t>(i)];
    if (entry.problem) return;
    attempt(entry.problem, [&] {
      const Bytes pixels = decode(entry);
      cache_->put(i, pixels);
      ContentKey key;
      key.add(pixels);
      entry.key = key.value();
    });
  });
}

Bytes ImageStore::decode(const Entry& entry) const {
  const fs::path place = entry.source.tree->place(entry.source.file);
  Image image = decode_image(entry.source.tree->read(entry.source.file), place);
  if (entry.source.part != ImageFile::Part::whole) image = half_of(image, entry.source.part);
  if (image.height != entry.header.height || image.width != entry.header.width) {
    fail_data(place, "has changed since it was opened", "leave the files alone while they are used");
  }
  image = with_channels(with_bits(std::move(image), options_.bits), shape_[2], options_.background);
  const bool fits = image.height == shape_[0] && image.width == shape_[1];
  return fits ? std::move(image.pixels) : resized(image);
}

Bytes ImageStore::resized(const Image& image) const {
  Resizing rows{.filter = ResizeFilter::cubic, .antialias = true};
  Resizing columns = rows;
  if (options_.fit == "crop") {
    rows.part = middle(image.height, image.width, shape_[0], shape_[1]);
    columns.part = middle(image.width, image.height, shape_[1], shape_[0]);
  }
  std::vector<float> from(static_cast<std::size_t>(image.samples()));
  image_to_floats(image.pixels, image.bits, from.data());
  std::vector<float> to(static_cast<std::size_t>(shape_.elements()));
  std::vector<float> scratch;
  ImageResampler(resizing_taps(image.height, shape_[0], rows), resizing_taps(image.width, shape_[1], columns),
                 image.channels)
      .apply(from.data(), to.data(), scratch);
  Bytes out(to.size() * static_cast<std::size_t>(image.bits / 8));
  floats_to_image(to, image.bits, out.data());
  return out;
}

void ImageStore::read(int64_t image, float* out) const {
  const auto kept = cache_->find(image);
  if (!kept.empty()) return image_to_floats(kept, options_.bits, out);
  const Bytes pixels = decode(entry(image));
  cache_->put(image, pixels);
  image_to_floats(pixels, options_.bits, out);
}

uint64_t ImageStore::content_key(int64_t image) const {
  if (entry(image).key) return *entry(image).key;
  ContentKey key;
  key.add(decode(entry(image)));
  return key.value();
}

GoodExamples choose_good(int64_t count, const std::function<std::optional<Problem>(int64_t)>& problem_of,
                         const OpenOptions& options, const fs::path& root) {
  GoodExamples out;
  for (int64_t i = 0; i < count; ++i) {
    if (auto problem = problem_of(i)) {
      out.skipped.push_back(std::move(*problem));
    } else {
      out.examples.push_back(i);
    }
  }
  if (out.skipped.empty()) return out;
  Problem first = out.skipped.front();
  const std::size_t more = out.skipped.size() - 1;
  if (more > 0) first.what += fmt::format(" ({} more {} bad)", more, more == 1 ? "file is" : "files are");
  if (!options.skip_bad_files) {
    first.remedy +=
        fmt::format("{}set data.on_bad_file: skip to leave such files out", first.remedy.empty() ? "" : ", or ");
    throw UserError(ExitCode::data, first);
  }
  if (out.examples.empty()) fail_data(root, fmt::format("no file is good; {}: {}", first.where.file, first.what));
  return out;
}

}  // namespace duel
