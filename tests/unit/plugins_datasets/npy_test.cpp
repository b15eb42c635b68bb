// NPY files: the header as numpy's format description has it, and what must be refused.
#include <cstring>

#include "open_dataset.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

std::string npy(const std::string& dictionary, const std::string& elements, int version = 1) {
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  std::string header = dictionary;
  while ((header.size() + 11 + (version > 1 ? 2 : 0)) % 64 != 0) header += ' ';
  header += '\n';
  for (int i = 0; i < (version > 1 ? 4 : 2); ++i) out += static_cast<char>(header.size() >> (8 * i));
  return out + header + elements;
}

std::string dictionary(const std::string& type, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

template <class Number>
std::string bytes_of(const std::vector<Number>& values) {
  std::string out(values.size() * sizeof(Number), '\0');
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

class Npy : public testing::Test {
 protected:
  std::string yaml(const std::string& point) const {
    return "npy: {point: " + folder_.write("points.npy", point).string() + "}";
  }
  TemporaryFolder folder_;
};

TEST_F(Npy, ReadsAllVersionsAndTypes) {
  for (const int version : {1, 2, 3}) {
    const auto dataset =
        open_dataset(yaml(npy(dictionary("<f4", "(2, 3)"), bytes_of<float>({1, 2, 3, 4, 5, 6}), version)));
    EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"point", {3}, 0}}));
    EXPECT_EQ(read_example(*dataset, 1)[0], (std::vector<float>{4, 5, 6}));
  }
  const auto one = [&](const std::string& type, const std::string& bytes) {
    return read_example(*open_dataset(yaml(npy(dictionary(type, "(1,)"), bytes))), 0)[0];
  };
  EXPECT_EQ(one("<f8", bytes_of<double>({-0.5})), std::vector<float>{-0.5});
  EXPECT_EQ(one("|b1", bytes_of<uint8_t>({1})), std::vector<float>{1});
  EXPECT_EQ(one("|u1", bytes_of<uint8_t>({200})), std::vector<float>{200});
  EXPECT_EQ(one("|i1", bytes_of<int8_t>({-100})), std::vector<float>{-100});
  EXPECT_EQ(one("<u2", bytes_of<uint16_t>({65535})), std::vector<float>{65535});
  EXPECT_EQ(one("<i2", bytes_of<int16_t>({-300})), std::vector<float>{-300});
  EXPECT_EQ(one("<u4", bytes_of<uint32_t>({4294967295u})), std::vector<float>{4294967296.0f});
  EXPECT_EQ(one("<i4", bytes_of<int32_t>({-70000})), std::vector<float>{-70000});
  EXPECT_EQ(one("<u8", bytes_of<uint64_t>({5})), std::vector<float>{5});
  EXPECT_EQ(one("<i8", bytes_of<int64_t>({-5})), std::vector<float>{-5});
}

TEST_F(Npy, ReadsOtherOrdersOfAxesAndBytes) {
  const auto dataset =
      open_dataset(yaml(npy(dictionary(">i2", "(2, 3)", "True"), std::string("\0\1\0\4\0\2\0\5\0\3\0\6", 12))));
  EXPECT_EQ(read_example(*dataset, 0)[0], (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(read_example(*dataset, 1)[0], (std::vector<float>{4, 5, 6}));
}

TEST_F(Npy, ReadsImagesWithLabels) {
  const auto images = folder_.write("x.npy", npy(dictionary("|u1", "(2, 2, 2)"), std::string("\1\2\3\4\5\6\7\x08", 8)));
  const auto labels = folder_.write("y.npy", npy(dictionary("<i8", "(2,)"), bytes_of<int64_t>({3, 0})));
  const auto dataset = open_dataset("npy: {image: " + images.string() + ", label: " + labels.string() + "}");
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {2, 2, 1}, 0}, {"label", {}, 4}}));
  EXPECT_EQ(read_example(*dataset, 1), (std::vector<std::vector<float>>{{5, 6, 7, 8}, {0}}));
}

TEST_F(Npy, RefusesEveryTruncation) {
  const std::string whole = npy(dictionary("<f4", "(2, 3)"), bytes_of<float>({1, 2, 3, 4, 5, 6}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(refusal_of(yaml(whole.substr(0, size))), HasSubstr("points.npy: ")) << size;
  }
}

TEST_F(Npy, SaysWhatIsWrong) {
  const std::string six = bytes_of<float>({1, 2, 3, 4, 5, 6});
  const auto refused = [&](const std::string& header, const std::string& elements, int version = 1) {
    return refusal_of(yaml(npy(header, elements, version)));
  };
  EXPECT_THAT(refusal_of(yaml("not numpy at all")), HasSubstr("does not begin as an NPY file does"));
  EXPECT_THAT(refused(dictionary("<f4", "(2, 3)"), six, 4), HasSubstr("version 4"));
  EXPECT_THAT(refused(dictionary("<f4", "(2, 3)", "Maybe"), six), HasSubstr("not what numpy writes"));
  EXPECT_THAT(refused(dictionary("<f16", "(2, 3)"), six), HasSubstr("'<f16', expected numbers of at most 8 bytes"));
  EXPECT_THAT(refused(dictionary("|f4", "(2, 3)"), six), HasSubstr("'|f4'"));
  EXPECT_THAT(refused(dictionary("", "(2, 3)"), six), HasSubstr("type ''"));
  EXPECT_THAT(refused(dictionary("|O", "(2, 3)"), six), HasSubstr("'|O'"));
  EXPECT_THAT(refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", six), HasSubstr("records"));
  EXPECT_THAT(refused(dictionary("<f4", "(7,)"), six), HasSubstr("holds 24 bytes of elements, expected 7 elements"));
  EXPECT_THAT(refused(dictionary("<f4", "(4294967296, 4294967296)"), six), HasSubstr("expected 4294967296 × "));
  EXPECT_THAT(refused(dictionary("<f4", "(-2, -3)"), six), HasSubstr("not what numpy writes"));
  EXPECT_THAT(refused(dictionary("<f4", "(2, 3"), six), HasSubstr("not what numpy writes"));
  EXPECT_THAT(refused("{'descr': '<f4', 'shape': (2, 3), }", six), HasSubstr("not what numpy writes"));
  EXPECT_THAT(refused(dictionary("<f4", "()"), bytes_of<float>({1})), HasSubstr("a lone number"));
  EXPECT_THAT(refused(dictionary("<f4", "(1,)"), bytes_of<float>({NAN})), HasSubstr("is not finite"));
  EXPECT_THAT(refused(dictionary("<f8", "(1,)"), bytes_of<double>({1e300})), HasSubstr("is not finite"));
  EXPECT_THAT(refusal_of("npy: {label: x.npy}", ExitCode::experiment), HasSubstr("give 'image' or 'point'"));
}

}  // namespace
}  // namespace duel
