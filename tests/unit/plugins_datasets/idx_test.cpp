// IDX files made by hand, byte by byte; and MNIST itself where it is.
#include <zlib.h>

#include <cstdlib>

#include "open_dataset.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

std::string big_endian(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::string idx(int type, const std::vector<uint32_t>& extents, const std::string& elements) {
  std::string out{0, 0, static_cast<char>(type), static_cast<char>(extents.size())};
  for (const uint32_t extent : extents) out += big_endian(extent);
  return out + elements;
}

const std::string three_images = idx(8, {3, 1, 2}, std::string("\x00\x01\x02\x03\xfe\xff", 6));
const std::string three_labels = idx(8, {3}, std::string("\x04\x00\x09", 3));

class Idx : public testing::Test {
 protected:
  std::string yaml(const std::string& images, const std::string& labels = {}) const {
    std::string text = "idx: {images: " + folder_.write("images", images).string();
    if (!labels.empty()) text += ", labels: " + folder_.write("labels", labels).string();
    return text + "}";
  }
  std::filesystem::path gzip(const std::string& content) const {
    const std::filesystem::path file = folder_.path() / "images.gz";
    gzFile out = gzopen(file.c_str(), "wb9");
    EXPECT_EQ(gzwrite(out, content.data(), static_cast<unsigned>(content.size())), static_cast<int>(content.size()));
    gzclose(out);
    return file;
  }

  TemporaryFolder folder_;
};

TEST_F(Idx, ReadsImagesAndLabels) {
  const auto dataset = open_dataset(yaml(three_images, three_labels));
  EXPECT_EQ(dataset->size(), 3);
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {1, 2, 1}, 0}, {"label", {}, 10}}));
  EXPECT_EQ(read_example(*dataset, 2), (std::vector<std::vector<float>>{{254, 255}, {9}}));
  EXPECT_EQ(open_dataset(yaml(three_images))->fields().size(), 1u);
}

TEST_F(Idx, ReadsAllElementTypes) {
  const auto first_of = [&](int type, const std::string& bytes) {
    return read_example(*open_dataset(yaml(idx(type, {1, 1, 1}, bytes))), 0)[0][0];
  };
  EXPECT_EQ(first_of(0x09, "\xff"), -1);
  EXPECT_EQ(first_of(0x0b, std::string("\x01\x02", 2)), 258);
  EXPECT_EQ(first_of(0x0c, std::string("\xff\xff\xff\xfe", 4)), -2);
  EXPECT_EQ(first_of(0x0d, std::string("\x3f\xc0\x00\x00", 4)), 1.5f);
  EXPECT_EQ(first_of(0x0e, std::string("\xbf\xf8\0\0\0\0\0\0", 8)), -1.5f);
}

TEST_F(Idx, ReadsGzipWithTheSameFingerprint) {
  const auto plain = open_dataset(yaml(three_images));
  const auto packed = open_dataset("idx: " + gzip(three_images).string());
  EXPECT_EQ(read_example(*packed, 1), read_example(*plain, 1));
  EXPECT_EQ(packed->fingerprint(), plain->fingerprint());
}

TEST_F(Idx, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < three_images.size(); ++size) {
    EXPECT_THAT(refusal_of(yaml(three_images.substr(0, size))), HasSubstr((folder_.path() / "images").string()));
  }
}

TEST_F(Idx, SaysWhatIsWrong) {
  EXPECT_THAT(refusal_of(yaml("PK\x03\x04 and so on")), HasSubstr("begins with 50 4b 03 04, expected 00 00"));
  EXPECT_THAT(refusal_of(yaml(three_images + "x")), HasSubstr("has 23 bytes, expected 22 for 3 × 1 × 2 elements"));
  EXPECT_THAT(refusal_of(yaml(idx(8, {0, 2, 2}, ""))), HasSubstr("holds no examples"));
  EXPECT_THAT(refusal_of(yaml(idx(8, {1, 0, 2}, ""))), HasSubstr("hold nothing"));
  EXPECT_THAT(refusal_of(yaml(three_labels)), HasSubstr("expected images × height × width"));
  EXPECT_THAT(refusal_of(yaml(three_images, three_images)), HasSubstr("expected labels on 1 axis"));
  EXPECT_THAT(refusal_of(yaml(three_images, idx(8, {2}, "ab"))), HasSubstr("has 2 examples of label, expected 3"));
  EXPECT_THAT(refusal_of(yaml(three_images, idx(9, {3},
                                                "a\xff"
                                                "b"))),
              HasSubstr("label 1 (counted from 0) is -1"));
  const uint32_t most = 0xffffffff;
  EXPECT_THAT(refusal_of(yaml(idx(8, {most, most, most, most}, "x"))), HasSubstr("more than this program takes"));
  EXPECT_THAT(refusal_of("idx: " + (folder_.path() / "missing").string()), HasSubstr("missing: cannot read"));
  EXPECT_THAT(refusal_of(yaml(idx(0x0d, {1, 1, 1}, std::string("\x7f\x80\0\0", 4)))), HasSubstr("is not finite"));
}

TEST_F(Idx, RefusesGzipBombs) {
  const std::string bomb = idx(8, {1, 1, 2}, std::string(std::size_t{30} << 20, '\0'));
  EXPECT_THAT(refusal_of("idx: " + gzip(bomb).string()), HasSubstr("holds more than the 18 bytes"));
  const std::string promise = idx(8, {60000, 200, 200}, "x");
  EXPECT_THAT(refusal_of("idx: " + gzip(promise).string()), HasSubstr("of gzip data can hold"));
}

TEST(Mnist, IsReadAsPublished) {
  const char* data = std::getenv("DUEL_DATA");
  if (data == nullptr) GTEST_SKIP() << "DUEL_DATA does not name a folder with mnist/";
  const std::string folder = std::string(data) + "/mnist/t10k-";
  const auto dataset =
      open_dataset("idx: {images: " + folder + "images-idx3-ubyte.gz, labels: " + folder + "labels-idx1-ubyte.gz}");
  EXPECT_EQ(dataset->size(), 10000);
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {28, 28, 1}, 0}, {"label", {}, 10}}));
  const std::vector<float> known_labels{7, 2, 1, 0, 4, 1, 4, 9, 5, 9};
  for (std::size_t i = 0; i < known_labels.size(); ++i) {
    EXPECT_EQ(read_example(*dataset, static_cast<int64_t>(i))[1][0], known_labels[i]);
  }
  double sum = 0;
  for (int64_t i = 0; i < 10000; ++i) {
    const auto example = read_example(*dataset, i);
    for (const float pixel : example[0]) sum += pixel;
  }
  EXPECT_NEAR(sum / 7840000 / 255, 0.1325, 5e-5);  // the test set's mean as commonly given
}

}  // namespace
}  // namespace duel
