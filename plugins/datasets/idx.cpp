#include "plugins/datasets/idx.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "data/arrays.hpp"
#include "data/errors.hpp"
#include "data/gzip.hpp"
#include "plugins/datasets/published.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

// Two zeros, the type of the elements, the number of axes; then the extents, 32 bits each, and the elements: all
// big-endian, the last axis fastest.
constexpr std::size_t magic_size = 4;
constexpr std::size_t most_idx_axes = 4;

struct IdxHeader {
  ElementType type;
  std::vector<int64_t> extents;
  std::size_t size() const { return magic_size + 4 * extents.size(); }
};

std::optional<ElementType> element_type(unsigned code) {
  switch (code) {
    case 0x08:
      return ElementType::u8;
    case 0x09:
      return ElementType::i8;
    case 0x0b:
      return ElementType::i16;
    case 0x0c:
      return ElementType::i32;
    case 0x0d:
      return ElementType::f32;
    case 0x0e:
      return ElementType::f64;
    default:
      return std::nullopt;
  }
}

IdxHeader parse_header(std::span<const std::byte> content, const fs::path& file) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(content[i]); };
  if (content.size() < magic_size)
    fail_data(file, fmt::format("has {} bytes, too few for an IDX file", content.size()));
  const auto type = element_type(byte(2));
  if (byte(0) != 0 || byte(1) != 0 || !type || byte(3) < 1 || byte(3) > most_idx_axes) {
    fail_data(file,
              fmt::format("begins with {:02x} {:02x} {:02x} {:02x}, expected 00 00, a type and 1 to {} axes", byte(0),
                          byte(1), byte(2), byte(3), most_idx_axes),
              "is it an IDX file?");
  }
  IdxHeader header{*type, std::vector<int64_t>(byte(3))};
  if (content.size() < header.size()) fail_data(file, "ends within its header", "fetch the file again");
  for (std::size_t axis = 0; axis < header.extents.size(); ++axis) {
    const std::size_t at = magic_size + 4 * axis;
    header.extents[axis] = int64_t{byte(at)} << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
  }
  return header;
}

// The size of the whole file that the header promises.
uint64_t promised_size(const IdxHeader& header, const fs::path& file) {
  const auto elements = checked_product(header.extents);
  if (!elements || *elements > static_cast<int64_t>(largest_array) / size_of(header.type)) {
    fail_data(file, fmt::format("its header promises {} elements, more than this program takes",
                                extents_text(header.extents)));
  }
  return header.size() + static_cast<uint64_t>(*elements * size_of(header.type));
}

void to_native_order(std::span<std::byte> elements, int64_t size) {
  if (size == 1) return;
  const auto step = static_cast<std::size_t>(size);
  for (std::size_t at = 0; at + step <= elements.size(); at += step) std::ranges::reverse(elements.subspan(at, step));
}

struct IdxArray {
  IdxHeader header;
  Bytes bytes;
};

IdxArray read_idx(const fs::path& file) {
  Bytes content = read_file(file, largest_array);
  const bool gzip = is_gzip(content);
  const IdxHeader header =
      parse_header(gzip ? gunzip_beginning(content, magic_size + 4 * most_idx_axes, file) : content, file);
  const uint64_t size = promised_size(header, file);
  if (gzip) {
    content = gunzip_exactly(content, size, file);
  } else if (content.size() != size) {
    fail_data(file,
              fmt::format("has {} bytes, expected {} for {} elements of {} bytes", content.size(), size,
                          extents_text(header.extents), size_of(header.type)),
              content.size() < size ? "fetch the file again" : "");
  }
  to_native_order(std::span(content).subspan(header.size()), size_of(header.type));
  return {header, std::move(content)};
}

ExampleArray as_field(IdxArray array, const std::string& name, const Shape& shape, const fs::path& file) {
  return {{name, shape, 0}, array.header.type, std::move(array.bytes), array.header.size(), file};
}

}  // namespace

std::unique_ptr<Dataset> IdxSource::open(const OpenOptions&) const {
  const fs::path folder = images.parent_path();
  if (const std::string set = published_idx_set(folder); !set.empty()) require_published(images, set, folder);
  std::vector<ExampleArray> arrays;
  IdxArray image_array = read_idx(images);
  const Shape shape = image_shape(std::span(image_array.header.extents).subspan(1), images);
  arrays.push_back(as_field(std::move(image_array), "image", shape, images));
  if (!labels.empty()) {
    IdxArray label_array = read_idx(labels);
    const auto& extents = label_array.header.extents;
    if (extents.size() != 1) fail_data(labels, fmt::format("expected labels on 1 axis, found {} axes", extents.size()));
    arrays.push_back(as_field(std::move(label_array), "label", {}, labels));
    count_classes(arrays.back());
  }
  return make_array_dataset(std::move(arrays));
}

void IdxSource::declare(Declaration<IdxSource>& d) {
  d.help("IDX files such as MNIST's, plain or gzip; fields image and, with labels, label");
  d.reference("LeCun, Cortes and Burges, The MNIST database of handwritten digits");
  d.parameter("images", &IdxSource::images, "file of images: count × height × width (× channels)").main().required();
  d.parameter("labels", &IdxSource::labels, "file of their labels");
}

}  // namespace duel
