#include "data/npy_header.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "data/errors.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_header = 1 << 16;

struct NamedType {
  std::string_view name;  // without the order of bytes
  ElementType type;
  int64_t bytes;
};

constexpr std::array<NamedType, 12> element_types{{{"u1", ElementType::u8, 1},
                                                   {"b1", ElementType::u8, 1},
                                                   {"i1", ElementType::i8, 1},
                                                   {"u2", ElementType::u16, 2},
                                                   {"i2", ElementType::i16, 2},
                                                   {"u4", ElementType::u32, 4},
                                                   {"i4", ElementType::i32, 4},
                                                   {"u8", ElementType::u64, 8},
                                                   {"i8", ElementType::i64, 8},
                                                   {"f4", ElementType::f32, 4},
                                                   {"f2", ElementType::f32, 2},
                                                   {"f8", ElementType::f64, 8}}};

// '<' and '>' before the name say the order of bytes, '|' that there is none. Null for any other type.
const NamedType* named_type(std::string_view description) {
  if (description.empty()) return nullptr;
  const auto* found = std::ranges::find(element_types, description.substr(1), &NamedType::name);
  if (found == element_types.end()) return nullptr;
  const bool ordered = description[0] == '<' || description[0] == '>';
  return ordered || (description[0] == '|' && found->bytes == 1) ? found : nullptr;
}

// Reads the literal that numpy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, keys in any order.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view text, const fs::path& file) : text_(text), file_(file) {}

  NpyHeader read() {
    expect('{');
    while (!accept('}')) {
      read_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (seen_ != 3) refuse();
    return header_;
  }

 private:
  void read_entry() {
    const std::string key = quoted();
    expect(':');
    if (key == "descr") {
      read_type();
    } else if (key == "fortran_order") {
      const std::string_view word = take_word();
      if (word != "True" && word != "False") refuse();
      header_.fortran_order = word == "True";
    } else if (key == "shape") {
      read_shape();
    } else {
      refuse();
    }
    ++seen_;
  }

  void read_type() {
    if (peek() == '[') fail_data(file_, "holds records", "save an array of plain numbers");
    const std::string description = quoted();
    const NamedType* type = named_type(description);
    if (type == nullptr) {
      fail_data(file_, fmt::format("holds elements of type '{}', expected numbers of at most 8 bytes", description),
                "save it with, say, .astype('<f4')");
    }
    header_.type = type->type;
    header_.element_bytes = type->bytes;
    header_.big_endian = description[0] == '>';
  }

  void read_shape() {
    expect('(');
    while (!accept(')')) {
      const auto extent = parse_integer(take_word());
      if (!extent || *extent < 0) refuse();
      header_.extents.push_back(*extent);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) refuse();
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string(inside);
  }
  std::string_view take_word() {
    peek();
    const std::size_t end = std::min(text_.find_first_of(" ,)}", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }
  [[noreturn]] void refuse() {
    fail_data(file_, fmt::format("its header is not what numpy writes, at its character {}", at_ + 1));
  }

  std::string_view text_;
  const fs::path& file_;
  std::size_t at_ = 0;
  int seen_ = 0;
  NpyHeader header_;
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> content, const fs::path& file) {
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(content[i]); };
  if (!text.starts_with(magic)) fail_data(file, "does not begin as an NPY file does", "write it with numpy.save");
  if (text.size() < 12) fail_data(file, "ends within its header", "fetch the file again");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) fail_data(file, fmt::format("is of NPY version {}, expected 1, 2 or 3", version));
  const std::size_t start = version == 1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > longest_header) fail_data(file, fmt::format("its header claims {} bytes", length));
  if (start + length > text.size()) fail_data(file, "ends within its header", "fetch the file again");
  NpyHeader header = DictionaryReader(text.substr(start, length), file).read();
  header.size = start + length;
  return header;
}

std::string npy_header(ElementType type, std::span<const int64_t> extents) {
  constexpr std::size_t prefix = 10, alignment = 64;
  std::string shape;
  for (const int64_t extent : extents) shape += fmt::format("{}, ", extent);
  const auto* named = std::ranges::find(element_types, type, &NamedType::type);
  std::string dictionary = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                       named->bytes == 1 ? '|' : '<', named->name, shape);
  while ((prefix + dictionary.size() + 1) % alignment != 0) dictionary += ' ';
  dictionary += '\n';
  const auto length = static_cast<unsigned>(dictionary.size());
  std::string header(magic);
  for (const unsigned byte : {1u, 0u, length & 0xff, length >> 8}) header += static_cast<char>(byte);
  return header + dictionary;
}

}  // namespace duel
