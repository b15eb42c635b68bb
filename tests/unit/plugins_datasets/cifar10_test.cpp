// Batches made by hand, and the real ones where they are.
#include <zlib.h>

#include <cstdlib>

#include "open_dataset.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::HasSubstr;

// Red is the label, green the row and blue the column.
std::string record(int label) {
  std::string out(1, static_cast<char>(label));
  for (int plane = 0; plane < 3; ++plane) {
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) out += static_cast<char>(plane == 0 ? label : plane == 1 ? y : x);
    }
  }
  return out;
}

std::string gzipped(const TemporaryFolder& folder, const std::string& content) {
  const std::string file = (folder.path() / "temporary.gz").string();
  gzFile out = gzopen(file.c_str(), "wb9");
  gzwrite(out, content.data(), static_cast<unsigned>(content.size()));
  gzclose(out);
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(file);
  return bytes;
}

TEST(Cifar10, ReadsBatchesInOrderAsHeightWidthChannels) {
  const TemporaryFolder folder;
  folder.write("data_batch_1.bin", record(3) + record(9));
  folder.write("data_batch_2.bin.gz", gzipped(folder, record(5)));
  folder.write("test_batch.bin", record(7));
  const auto train = open_dataset("cifar10: " + folder.path().string());
  EXPECT_EQ(train->size(), 3);
  EXPECT_EQ(train->fields()[0], (Field{"image", {32, 32, 3}, 0}));
  EXPECT_EQ(train->fields()[1].classes, 10);
  EXPECT_EQ(train->fields()[1].class_names[5], "dog");
  const auto example = read_example(*train, 2);
  EXPECT_EQ(example[1], std::vector<float>{5});
  const std::size_t pixel = 3 * (4 * 32 + 30);
  EXPECT_EQ((std::vector<float>{example[0][pixel], example[0][pixel + 1], example[0][pixel + 2]}),
            (std::vector<float>{5, 4, 30}));
  const std::string start = "cifar10: {path: " + folder.path().string() + ", part: ";
  EXPECT_EQ(read_example(*open_dataset(start + "test}"), 0)[1], std::vector<float>{7});
  EXPECT_EQ(open_dataset(start + "all}")->size(), 4);
}

TEST(Cifar10, ReadsTheArchiveThatIsDistributed) {
  const TemporaryFolder folder;
  const std::string archive = tar_file({{"cifar-10-batches-bin/data_batch_1.bin", record(1)},
                                        {"cifar-10-batches-bin/readme.html", "x"},
                                        {"cifar-10-batches-bin/test_batch.bin", record(2)}},
                                       "gzip");
  const std::string path = folder.write("cifar-10-binary.tar.gz", archive).string();
  EXPECT_EQ(open_dataset("cifar10: {path: " + folder.path().string() + ", part: all}")->size(),
            open_dataset("cifar10: {path: " + path + ", part: all}")->size())
      << "the folder where it was fetched to";
  EXPECT_EQ(read_example(*open_dataset("cifar10: " + path), 0)[1], std::vector<float>{1});
  EXPECT_EQ(open_dataset("cifar10: {path: " + path + ", part: all}")->size(), 2);
}

TEST(Cifar10, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const std::string yaml = "cifar10: " + folder.path().string();
  EXPECT_THAT(refusal_of(yaml), HasSubstr("holds no data_batch_1.bin, plain or as .gz; fetch it: duel data fetch"));
  folder.write("data_batch_2.bin", record(1));
  EXPECT_THAT(refusal_of(yaml), HasSubstr("holds data_batch_2.bin but not data_batch_1.bin"));
  folder.write("data_batch_1.bin", record(1).substr(0, 3000));
  EXPECT_THAT(refusal_of(yaml), HasSubstr("data_batch_1.bin: has 3000 bytes, expected a multiple of 3073"));
  folder.write("data_batch_1.bin", "");
  EXPECT_THAT(refusal_of(yaml), HasSubstr("data_batch_1.bin: has 0 bytes"));
  folder.write("data_batch_1.bin", record(1) + record(10));
  EXPECT_THAT(refusal_of(yaml), HasSubstr("label 1 (counted from 0) is 10, expected 0 to 9"));
  EXPECT_THAT(refusal_of("cifar10: {path: x, part: tests}", ExitCode::experiment), HasSubstr("did you mean 'test'?"));
}

TEST(Cifar10, IsReadAsPublished) {
  const char* data = std::getenv("DUEL_DATA");
  if (data == nullptr) GTEST_SKIP() << "DUEL_DATA does not name a folder with cifar10/";
  const std::string start = std::string("cifar10: {path: ") + data + "/cifar10, part: ";
  const auto test = open_dataset(start + "test}");
  EXPECT_EQ(test->size(), 2000);
  std::vector<int> counts(10, 0);
  double sum = 0;
  for (int64_t i = 0; i < 2000; ++i) {
    const auto example = read_example(*test, i);
    ++counts[static_cast<std::size_t>(example[1][0])];
    for (const float value : example[0]) sum += value;
  }
  EXPECT_EQ(counts, std::vector<int>(10, 200));
  EXPECT_NEAR(sum / (2000.0 * 3072) / 255, 0.473, 0.01);  // the mean that is commonly given, over the whole set
}

}  // namespace
}  // namespace duel
