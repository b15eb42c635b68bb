// Folders and archives of pictures that the tests draw; and the real ones where they are.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "open_dataset.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/vectors.hpp"

namespace duel {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<float> as_floats(const TestPicture& picture, float scale = 1) {
  std::vector<float> out;
  for (const int sample : picture.samples) out.push_back(static_cast<float>(sample) / scale);
  return out;
}

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

class Images : public testing::Test {
 protected:
  // Two classes, cat and dog, of three pictures each; picture i is noise of seed i.
  void make_classes() {
    for (const auto& [name, content] : class_files()) folder_.write("set/" + name, content);
  }
  static NamedContents class_files() {
    NamedContents out;
    for (int i = 0; i < 6; ++i) {
      out.emplace_back((i < 3 ? "cat/" : "dog/") + std::to_string(i) + ".png", png_file(picture(i)));
    }
    return out;
  }
  static TestPicture picture(int i) { return noise_picture(4, 6, 3, static_cast<uint64_t>(i)); }
  std::string yaml(const std::string& more = {}) const {
    return "images: {path: " + (folder_.path() / "set").string() + more + "}";
  }
  std::string write(const std::string& name, const std::string& content) const {
    return folder_.write("set/" + name, content).string();
  }
  std::unique_ptr<Dataset> open_skipping(const std::string& more = {}) const {
    return dataset_source(yaml(more))->open({.skip_bad_files = true});
  }

  TemporaryFolder folder_;
};

TEST_F(Images, OfFoldersHaveTheFoldersAsClasses) {
  make_classes();
  write("dog/notes.txt", "not a picture, and not meant to be one");
  const auto dataset = open_dataset(yaml());
  EXPECT_EQ(dataset->size(), 6);
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {4, 6, 3}, 0}, {"label", {}, 2, {"cat", "dog"}}}));
  for (int i = 0; i < 6; ++i) {
    const std::vector<std::vector<float>> expected{as_floats(picture(i)), {i < 3 ? 0.0f : 1.0f}};
    EXPECT_EQ(read_example(*dataset, i), expected);
    EXPECT_EQ(dataset->example_name(i), (i < 3 ? "cat/" : "dog/") + std::to_string(i) + ".png");
  }
}

TEST_F(Images, OfArchivesAreTheSame) {
  make_classes();
  const auto plain = open_dataset(yaml());
  NamedContents inside;
  for (const auto& [name, content] : class_files()) inside.emplace_back("animals/" + name, content);
  for (const std::string& archive : {tar_file(inside), tar_file(class_files(), "gzip"), zip_file(inside)}) {
    const auto packed = open_dataset("images: " + folder_.write("archive", archive).string());
    EXPECT_EQ(packed->fields(), plain->fields());
    EXPECT_EQ(packed->fingerprint(), plain->fingerprint());
    for (int i = 0; i < 6; ++i) EXPECT_EQ(read_example(*packed, i), read_example(*plain, i));
  }
}

TEST_F(Images, WithoutFoldersHaveNoLabels) {
  write("b.png", png_file(picture(1)));
  write("a.jpeg", jpeg_file(even_picture(4, 6, 3, 80)));
  const auto dataset = open_dataset(yaml());
  EXPECT_EQ(dataset->fields(), (std::vector<Field>{{"image", {4, 6, 3}, 0}}));
  EXPECT_EQ(read_example(*dataset, 1)[0], as_floats(picture(1)));
  EXPECT_THAT(read_example(*dataset, 0)[0], testing::Each(testing::FloatNear(80, 2)));
  write("c/c.png", png_file(picture(2)));
  EXPECT_THAT(refusal_of(yaml()), HasSubstr("a.jpeg: lies beside the folders that are classes; move such files"));
  EXPECT_EQ(open_dataset(yaml(", labels: none"))->size(), 3);
}

TEST_F(Images, ChooseAndOrderTheirClasses) {
  make_classes();
  const auto both = open_dataset(yaml(", classes: [dog, cat]"));
  EXPECT_EQ(read_example(*both, 0)[1], std::vector<float>{1});
  const auto one = open_dataset(yaml(", classes: [dog]"));
  EXPECT_EQ(one->size(), 3);
  EXPECT_EQ(read_example(*one, 0)[0], as_floats(picture(3)));
  EXPECT_THAT(refusal_of(yaml(", classes: [cat, dogs]")),
              HasSubstr("has no folder 'dogs' of pictures; did you mean 'dog'?"));
  EXPECT_THAT(refusal_of(yaml(", classes: [cat, cat]"), ExitCode::experiment), HasSubstr("names a folder twice"));
}

TEST_F(Images, WithAMissingClassAreRefused) {
  make_classes();
  std::filesystem::create_directories(folder_.path() / "set/emu");
  EXPECT_THAT(refusal_of(yaml()), HasSubstr("set: class 'emu' has no good picture; add some, remove the folder"));
  for (const char* name : {"dog/3.png", "dog/4.png", "dog/5.png"}) write(name, "");
  std::filesystem::remove(folder_.path() / "set/emu");
  EXPECT_THROW(
      {
        try {
          open_skipping();
        } catch (const UserError& error) {
          EXPECT_THAT(error.what(), HasSubstr("class 'dog' has no good picture"));
          throw;
        }
      },
      UserError);
}

TEST_F(Images, ThatAreBadAreRefusedOrSkipped) {
  make_classes();
  const std::string empty = write("cat/7.png", "");
  write("cat/8.png", "hello");
  write("dog/6.jpg", jpeg_file(noise_picture(4, 6, 3, 1)).substr(0, 200));
  write("dog/7.gif", "GIF89a");
  write("dog/8.png", png_file(noise_picture(5, 6, 3, 1)));
  EXPECT_EQ(refusal_of(yaml()), empty +
                                    ": is empty (0 bytes) (4 more files are bad); fetch or make the file again, or "
                                    "set data.on_bad_file: skip to leave such files out");
  const auto dataset = open_skipping();
  EXPECT_EQ(dataset->size(), 6);
  std::vector<std::string> told;
  for (const Problem& problem : dataset->skipped_files()) told.push_back(to_string(problem));
  EXPECT_THAT(told,
              ElementsAre(HasSubstr("7.png: is empty"), HasSubstr("8.png: is not a PNG or JPEG"),
                          HasSubstr("6.jpg: the JPEG data is cut short"), HasSubstr("7.gif: is a GIF picture"),
                          AllOf(HasSubstr("8.png: has 5 × 6 pixels, where cat/0.png has 4 × 6"), HasSubstr("'size'"))));
  EXPECT_EQ(read_example(*dataset, 5), (std::vector<std::vector<float>>{as_floats(picture(5)), {1}}));
  make_classes();
  EXPECT_NE(dataset->fingerprint(), "");
}

TEST_F(Images, WithoutAnyAreRefused) {
  std::filesystem::create_directories(folder_.path() / "set");
  EXPECT_THAT(refusal_of(yaml()), HasSubstr("set: holds no PNG or JPEG pictures"));
  write("a.png", "");
  EXPECT_THROW(open_skipping(), UserError);
  EXPECT_THAT(refusal_of("images: /does/not/exist"), HasSubstr("/does/not/exist: there is no such folder or file"));
}

TEST_F(Images, AreCheckedByHeadersAloneWhenTold) {
  make_classes();
  const std::string whole = png_file(picture(3));
  write("dog/3.png", whole.substr(0, whole.size() - 20));
  EXPECT_THAT(refusal_of(yaml()), HasSubstr("3.png: the PNG data is cut short"));
  const auto dataset = open_dataset(yaml(", check: headers"));
  EXPECT_EQ(read_example(*dataset, 2)[0], as_floats(picture(2)));
  EXPECT_THROW(read_example(*dataset, 3), UserError);
}

TEST_F(Images, AreTheSameWhateverIsKept) {
  make_classes();
  const auto kept = open_dataset(yaml());
  for (const char* cache : {"none", "'150'", "1 MiB"}) {
    for (const char* check : {"content", "headers"}) {
      const auto dataset = open_dataset(yaml(std::string(", cache: ") + cache + ", check: " + check));
      EXPECT_EQ(dataset->fingerprint(), kept->fingerprint());
      for (const int64_t i : {5, 0, 5, 1, 0, 3}) {
        EXPECT_EQ(read_example(*dataset, i), read_example(*kept, i));
        EXPECT_EQ(dataset->content_key(i), kept->content_key(i));
      }
    }
  }
  EXPECT_THAT(refusal_of(yaml(", cache: lots"), ExitCode::experiment), HasSubstr("'cache' is a size such as 512 MiB"));
}

TEST_F(Images, ThatChangeWhileUsedAreNoticed) {
  make_classes();
  const auto dataset = open_dataset(yaml(", cache: none"));
  write("cat/1.png", png_file(noise_picture(7, 7, 3, 1)));
  EXPECT_THROW(read_example(*dataset, 1), UserError);
  std::filesystem::remove(folder_.path() / "set/cat/1.png");
  EXPECT_THROW(read_example(*dataset, 1), UserError);
}

TEST_F(Images, ConvertChannels) {
  write("1.png", png_file(even_picture(2, 2, 1, 100)));
  write("2.png", png_file({2, 2, 2, 8, {200, 255, 200, 0, 200, 51, 0, 255}}));
  const auto grey = open_dataset(yaml());
  EXPECT_EQ(grey->fields()[0].shape, (Shape{2, 2, 1})) << "all are grey";
  EXPECT_EQ(read_example(*grey, 1)[0], (std::vector<float>{200, 0, 40, 0}));
  EXPECT_EQ(read_example(*open_dataset(yaml(", background: 255")), 1)[0], (std::vector<float>{200, 255, 244, 0}));
  write("3.png", png_file(even_picture(2, 2, 4, 255)));
  EXPECT_EQ(open_dataset(yaml())->fields()[0].shape, (Shape{2, 2, 3})) << "one has colours";
  const auto alpha = open_dataset(yaml(", channels: 4"));
  EXPECT_EQ(alpha->fields()[0].shape, (Shape{2, 2, 4}));
  EXPECT_EQ(read_example(*alpha, 0)[0], as_floats({2,
                                                   2,
                                                   4,
                                                   8,
                                                   {100, 100, 100, 255, 100, 100, 100, 255,  //
                                                    100, 100, 100, 255, 100, 100, 100, 255}}));
  EXPECT_THAT(refusal_of(yaml(", channels: 2"), ExitCode::experiment), HasSubstr("'channels' is 1, 3 or 4"));
}

TEST_F(Images, KeepSixteenBitsWhenTold) {
  const TestPicture deep = noise_picture(3, 3, 1, 4, 16);
  write("1.png", png_file(deep));
  write("2.png", png_file(noise_picture(3, 3, 1, 5)));
  const auto all_bits = open_dataset(yaml(", bits: 16"));
  EXPECT_EQ(read_example(*all_bits, 0)[0], as_floats(deep, 257));
  EXPECT_EQ(read_example(*all_bits, 1)[0], as_floats(noise_picture(3, 3, 1, 5)));
  const auto rounded = read_example(*open_dataset(yaml()), 0)[0];
  for (std::size_t i = 0; i < rounded.size(); ++i) {
    EXPECT_EQ(rounded[i], std::round(static_cast<float>(deep.samples[i]) / 257));
  }
}

TEST_F(Images, AreBroughtToOneSize) {
  const auto vectors = read_vectors(std::string(DUEL_SOURCE_DIR) + "/tests/unit/data/resample.json").at("bytes");
  write("1.png", from_hex(vectors.at("file").get<std::string>()));
  write("2.png", png_file(even_picture(50, 20, 3, 17)));
  EXPECT_THAT(refusal_of(yaml()), HasSubstr("2.png: has 50 × 20 pixels, where 1.png has 30 × 40; give 'size'"));
  for (const std::string fit : {"crop", "stretch"}) {
    const auto dataset = open_dataset(yaml(", size: [12, 8], fit: " + fit));
    EXPECT_EQ(dataset->fields()[0].shape, (Shape{12, 8, 3}));
    const auto image = read_example(*dataset, 0)[0];
    const auto pillow = vectors.at(fit).get<std::vector<float>>();
    // Pillow rounds between the two axes, so that a value may be one off.
    for (std::size_t i = 0; i < image.size(); ++i) EXPECT_NEAR(image[i], pillow[i], 1) << fit;
    EXPECT_THAT(read_example(*dataset, 1)[0], testing::Each(17));
  }
  EXPECT_THAT(refusal_of(yaml(", size: [1, 2, 3]"), ExitCode::experiment), HasSubstr("'size' has one number"));
}

TEST_F(Images, ThatAreEqualHaveEqualKeys) {
  make_classes();
  write("dog/9.png", png_file(picture(0), true));  // another file of the same picture
  const auto dataset = open_dataset(yaml());
  EXPECT_EQ(dataset->content_key(6), dataset->content_key(0));
  EXPECT_NE(dataset->content_key(1), dataset->content_key(0));
}

TEST_F(Images, HaveFingerprintsOfTheirContentAndForm) {
  make_classes();
  const std::string before = open_dataset(yaml())->fingerprint();
  EXPECT_EQ(open_dataset(yaml())->fingerprint(), before);
  EXPECT_NE(open_dataset(yaml(", size: 3"))->fingerprint(), before);
  EXPECT_NE(open_dataset(yaml(", classes: [dog, cat]"))->fingerprint(), before);
  write("cat/0.png", png_file(picture(77)));
  EXPECT_NE(open_dataset(yaml())->fingerprint(), before);
}

TEST(CifarJpegs, AreReadFromTheirFolders) {
  const char* data = std::getenv("DUEL_DATA");
  if (data == nullptr) GTEST_SKIP() << "DUEL_DATA does not name a folder with cifar10/jpeg/";
  const auto dataset = open_dataset(std::string("images: ") + data + "/cifar10/jpeg");
  EXPECT_EQ(dataset->size(), 300);
  EXPECT_EQ(dataset->fields()[0].shape, (Shape{32, 32, 3}));
  EXPECT_EQ(dataset->fields()[1].class_names[6], "frog");
  EXPECT_EQ(read_example(*dataset, 299)[1], std::vector<float>{9});
}

}  // namespace
}  // namespace duel
