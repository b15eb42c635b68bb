// What `duel data info` says, against numbers by hand.
#include "tools/data/description.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "plugins/register.hpp"
#include "tests/support/layer_harness.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/data/contact_sheet.hpp"
#include "tools/data/guess.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;
using testing::HasSubstr;

std::unique_ptr<Dataset> open_skipping(const std::string& yaml) {
  static const Registry registry = [] {
    Registry out;
    register_plugins(out);
    return out;
  }();
  return read_component(registry, registry.datasets, yaml)->open({.skip_bad_files = true});
}

class Info : public testing::Test {
 protected:
  void write(const std::string& name, const TestPicture& picture) const {
    folder_.write("set/" + name, png_file(picture));
  }
  std::string path() const { return (folder_.path() / "set").string(); }
  std::unique_ptr<Dataset> opened() const { return open_skipping("images: " + path()); }

  TemporaryFolder folder_;
};

TEST_F(Info, CountsAndMeasures) {
  write("cat/1.png", {1, 2, 3, 8, {0, 10, 20, 4, 10, 30}});
  write("cat/2.png", {1, 2, 3, 8, {8, 10, 40, 4, 10, 50}});
  write("dog/1.png", {1, 2, 3, 8, {0, 10, 20, 4, 10, 30}});
  folder_.write("set/dog/2.png", "");
  const DataDescription described = describe_data(*opened());
  EXPECT_EQ(described.examples, 3);
  EXPECT_FALSE(described.endless);
  const FieldDescription& image = described.fields[0];
  EXPECT_EQ(image.least, 0);
  EXPECT_EQ(image.greatest, 50);
  EXPECT_THAT(image.mean, ElementsAre(testing::DoubleNear(20.0 / 6, 1e-12), 10, testing::DoubleNear(190.0 / 6, 1e-12)));
  // Red: 0 4 8 4 0 4, of mean 10/3; the squares are 112.
  EXPECT_NEAR(image.deviation[0], std::sqrt(112.0 / 6 - 100.0 / 9), 1e-12);
  EXPECT_EQ(image.deviation[1], 0);
  EXPECT_THAT(described.fields[1].class_counts, ElementsAre(2, 1));
  EXPECT_EQ(described.duplicates, 1);
  EXPECT_THAT(described.equal_examples, ElementsAre(FieldsAre("dog/1.png", "cat/1.png")));
  EXPECT_EQ(described.bad_files.size(), 1u);

  const std::string text = description_text(described, "the source");
  for (const char* line :
       {"the source\n  3 examples\n", "  image [1, 2, 3]: 0 to 50, mean 3.333, 10, 31.67, deviation ",
        "    0   cat                  2\n", "  1 duplicate\n    dog/1.png is the same as cat/1.png\n", "  1 bad file\n",
        "dog/2.png: is empty (0 bytes)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  const auto json = nlohmann::json::parse(description_json(described, "the source"));
  EXPECT_EQ(json.at("examples"), 3);
  EXPECT_EQ(json.at("fields")[0].at("shape"), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(json.at("fields")[1].at("classes")[1].at("name"), "dog");
  EXPECT_EQ(json.at("bad_files").size(), 1u);
}

TEST_F(Info, OfManyExamplesJoinsItsParts) {
  const auto dataset = open_skipping("gaussian: {mean: [3, -50], deviation: [1, 0.5], count: 3000}");
  const DataDescription described = describe_data(*dataset);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < 3000; ++i) {
    std::array<float, 2> values{};
    dataset->read(i, std::vector<float*>{values.data()});
    sum += values[1];
    squares += static_cast<double>(values[1]) * values[1];
  }
  EXPECT_NEAR(described.fields[0].mean[1], sum / 3000, 1e-9);
  EXPECT_NEAR(described.fields[0].deviation[1], std::sqrt(squares / 3000 - sum / 3000 * sum / 3000), 1e-6);
  EXPECT_EQ(described.duplicates, 0);
  EXPECT_TRUE(describe_data(*open_skipping("ring")).endless);
}

TEST_F(Info, ShowsARowAClass) {
  for (int i = 0; i < 12; ++i) write("a/" + std::to_string(i) + ".png", even_picture(4, 4, 1, 200));
  write("b/0.png", even_picture(4, 4, 1, 50));
  const Picture picture = contact_sheet(*opened());
  const auto at = [&](int64_t row, int64_t column) {  // the middle of a cell
    const int64_t y = (2 * row + 1) * picture.height / 4, x = (2 * column + 1) * picture.width / 20;
    return static_cast<int>(picture.pixels[static_cast<std::size_t>((y * picture.width + x) * picture.channels)]);
  };
  EXPECT_EQ(at(0, 0), 200);
  EXPECT_EQ(at(0, 9), 200);
  EXPECT_EQ(at(1, 0), 50);
  EXPECT_EQ(at(1, 1), 96) << "no more of that class";
  EXPECT_THROW(contact_sheet(*open_skipping("ring")), UserError);
}

std::string guessed(const std::filesystem::path& path) {
  try {
    const YamlNode node = guess_dataset(path);
    std::string text = node.entries[0].key;
    for (const auto& entry : node.entries[0].value.entries) text += " " + entry.key;
    return text;
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::data);
    return error.what();
  }
}

TEST_F(Info, GuessesTheKind) {
  write("a/1.png", even_picture(4, 4, 1, 200));
  EXPECT_EQ(guessed(path()), "images path");
  EXPECT_EQ(guessed(folder_.write("t.tgz", tar_file({{"1.png", "x"}}, "gzip"))), "images path");
  EXPECT_EQ(guessed(folder_.write("t.zip", zip_file({{"1.png", "x"}}))), "images path");
  EXPECT_EQ(guessed(folder_.write("c.tar", tar_file({{"d/test_batch.bin", "x"}}))), "cifar10 path part");
  folder_.write("c/data_batch_1.bin.gz", "x");
  EXPECT_EQ(guessed(folder_.path() / "c"), "cifar10 path part");
  const std::string header("\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01x", 17);
  EXPECT_EQ(guessed(folder_.write("m/t-images-idx3-ubyte", header)), "idx images");
  folder_.write("m/t-labels-idx1-ubyte", "x");
  EXPECT_EQ(guessed(folder_.path() / "m"), "idx images labels");
  EXPECT_EQ(guessed(folder_.write("points.csv", "a,b\n1,2\n")), "csv path");
  EXPECT_THAT(guessed(folder_.write("x.h5", "\x89HDF\r\n\x1a\n")), HasSubstr("say what it is: --as 'hdf5: {path: "));
  EXPECT_THAT(guessed(folder_.write("empty", "")), HasSubstr("is empty (0 bytes)"));
  EXPECT_THAT(guessed(folder_.write("text.txt", "hello")), HasSubstr("is neither a folder nor a tar or zip archive"));
  folder_.write("nothing/readme.txt", "hello");
  EXPECT_THAT(guessed(folder_.path() / "nothing"), HasSubstr("holds no data of a known kind"));
  EXPECT_THAT(guessed(folder_.path() / "absent"), HasSubstr("there is no such folder or file"));
}

}  // namespace
}  // namespace duel
