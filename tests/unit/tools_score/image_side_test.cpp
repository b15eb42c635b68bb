// Sides that are images: arrays, folders, archives, and data sets that are written out.
#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "data/npy_header.hpp"
#include "plugins/register.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/score/side.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

using Values = std::vector<double>;

class ImageSide : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  std::string write_npy(const std::string& name, const std::vector<int64_t>& extents, const Values& values) const {
    std::string content = npy_header(ElementType::f64, extents);
    content.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
    folder_.write(name, content);
    return path(name);
  }
  std::string write_bytes(const std::string& name, const std::string& extents, const std::string& bytes) const {
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + extents + "}";
    header.resize(118 - 1, ' ');
    folder_.write(name, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + bytes);
    return path(name);
  }
  // `count` pictures of 4 × 6 colours in two classes; picture i is noise of seed `first` + i.
  void write_folder(const std::string& name, int count, int first) const {
    for (int i = 0; i < count; ++i) {
      folder_.write(fmt::format("{}/{}/{:03}.png", name, i % 2 == 0 ? "cat" : "dog", i), png_file(picture(first + i)));
    }
  }
  static TestPicture picture(int seed) { return noise_picture(4, 6, 3, static_cast<uint64_t>(seed)); }

  static NamedSide read(const std::string& name, const std::optional<PixelRange>& range = std::nullopt) {
    return read_side(name, {filled_registry<register_plugins>(), "REAL", range});
  }
  static std::string refusal_of(const std::string& name, const std::optional<PixelRange>& range = std::nullopt) {
    return duel::refusal_of([&] { read(name, range); });
  }
  // What an argument that is wrong in itself is refused with, whatever files hold.
  static std::string refusal_of_argument(const std::string& text) {
    return duel::refusal_of([&] { read(text); }, ExitCode::experiment);
  }
  static Values row(const FeatureMatrix& images, int64_t index) {
    EXPECT_EQ(images.type(), ElementType::u8);
    Values values(static_cast<std::size_t>(images.width()));
    images.copy_row(index, values.data());
    return values;
  }

  const TemporaryFolder folder_;
};

// ---- arrays

TEST_F(ImageSide, OfAnArrayHasItsValuesRounded) {
  const NamedSide side = read(write_npy("a.npy", {2, 2, 2}, {0, 1.4, 1.6, 255, 100, 3, 2, 254.5}));
  EXPECT_EQ(side.data.images->shape(), (Shape{2, 2, 1}));
  EXPECT_THAT(row(*side.data.images, 0), ElementsAre(0, 1, 2, 255));
  EXPECT_THAT(row(*side.data.images, 1), ElementsAre(100, 3, 2, 255));
  EXPECT_EQ(side.data.images->origin().name, "pixels");
  EXPECT_EQ(side.data.images->origin().preprocessing, "none");
  EXPECT_THAT(side.warnings, IsEmpty());
  EXPECT_FALSE(side.data.features);
}

TEST_F(ImageSide, OfAnArrayIsBroughtFromItsRange) {
  const std::string file = write_npy("a.npy", {1, 1, 2, 3}, {-1, -0.5, 0, 0.25, 0.5, 1});
  const NamedSide side = read(file, PixelRange{-1, 1});
  EXPECT_EQ(side.data.images->shape(), (Shape{1, 2, 3}));
  EXPECT_THAT(row(*side.data.images, 0), ElementsAre(0, 64, 128, 159, 191, 255));
  EXPECT_THAT(row(*read(file, PixelRange{1, -1}).data.images, 0), ElementsAre(255, 191, 128, 96, 64, 0))
      << "white may be the lower one";
}

TEST_F(ImageSide, OfAnArrayWhoseRangeIsAnotherIsRefused) {
  EXPECT_THAT(refusal_of(write_npy("signs.npy", {1, 1, 2}, {-1, 1})),
              HasSubstr("signs.npy: its images have values from -1 to 1, and white is expected to be 255; give --range "
                        "-1,1"));
  EXPECT_THAT(refusal_of(write_npy("units.npy", {1, 1, 2}, {0, 1})), HasSubstr("give --range 0,1"));
  EXPECT_THAT(refusal_of(write_npy("wide.npy", {1, 1, 3}, {0, 300, 65535})),
              HasSubstr("wide.npy: its images have values from 0 to 65535, where black is 0 and white 255"));
  EXPECT_EQ(refusal_of(write_npy("units.npy", {1, 1, 2}, {0, 1}), PixelRange{0, 255}), "accepted") << "it was told";
}

TEST_F(ImageSide, OfAnArrayMayHaveAFewValuesBeyondTheRange) {
  Values values(200, 0.5);
  values[3] = 1.2;
  values[7] = -1.01;
  const NamedSide side = read(write_npy("a.npy", {2, 10, 10}, values), PixelRange{-1, 1});
  EXPECT_EQ(row(*side.data.images, 0)[3], 255);
  EXPECT_EQ(row(*side.data.images, 0)[7], 0);
  ASSERT_EQ(side.warnings.size(), 1u);
  EXPECT_THAT(side.warnings[0], HasSubstr("a.npy: 2 of 200 values lie beyond black and white"));
}

TEST_F(ImageSide, OfBytesHasNoOtherRange) {
  const NamedSide side = read(write_bytes("a.npy", "(1, 2, 2)", std::string("\x00\x01\x80\xff", 4)), PixelRange{-1, 1});
  EXPECT_THAT(row(*side.data.images, 0), ElementsAre(0, 1, 128, 255));
  EXPECT_FALSE(side.range_applies);
}

TEST(PixelRanges, AreTwoNumbersThatDiffer) {
  EXPECT_EQ(parse_pixel_range("-1,1").black, -1);
  EXPECT_EQ(parse_pixel_range("0,0.5").white, 0.5);
  for (const std::string text : {"", "1", "1,1", "a,b", "0,1,2", "0;1"}) {
    EXPECT_THROW(parse_pixel_range(text), UserError) << text;
  }
}

// ---- files of images

TEST_F(ImageSide, OfAFolderHasTheFoldersAsClasses) {
  write_folder("photos", 5, 0);
  const FeatureMatrix images = *read(path("photos")).data.images;
  EXPECT_EQ(images.shape(), (Shape{4, 6, 3}));
  EXPECT_EQ(images.count(), 5);
  EXPECT_THAT(images.labels(), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(row(images, 0), ElementsAreArray(picture(0).samples));
  EXPECT_THAT(row(images, 3), ElementsAreArray(picture(1).samples)) << "the first dog";
  EXPECT_EQ(images.origin().preprocessing, "none");
}

TEST_F(ImageSide, MayBeAnArchive) {
  folder_.write("photos.tar", tar_file({{"a.png", png_file(picture(0))}, {"b.png", png_file(picture(1))}}));
  const FeatureMatrix images = *read(path("photos.tar")).data.images;
  EXPECT_THAT(row(images, 1), ElementsAreArray(picture(1).samples));
  EXPECT_THAT(images.labels(), IsEmpty());
}

TEST_F(ImageSide, MayBeADataSetThatIsWrittenOut) {
  write_folder("photos", 4, 0);
  const FeatureMatrix images =
      *read("images: {path: " + path("photos") + ", size: [2, 3], classes: [dog]}").data.images;
  EXPECT_EQ(images.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(images.count(), 2);
  EXPECT_EQ(images.origin().preprocessing, "size 2 × 3");
  const FeatureMatrix digits = *read("digits: {count: 10}").data.images;
  EXPECT_EQ(digits.count(), 10);
  EXPECT_EQ(digits.labels().size(), 10u);
}

TEST_F(ImageSide, OfUnequalSizesSaysWhatToWrite) {
  folder_.write("photos/a.png", png_file(noise_picture(4, 6, 3, 0)));
  folder_.write("photos/b.png", png_file(noise_picture(4, 5, 3, 0)));
  EXPECT_THAT(refusal_of(path("photos")),
              HasSubstr("b.png: has 4 × 5 pixels, where a.png has 4 × 6; write 'images: {path: " + path("photos") +
                        ", size: 64}' to bring all to one size"));
}

TEST_F(ImageSide, OfDataWithoutImagesIsRefused) {
  EXPECT_THAT(refusal_of("ring: {modes: 8}"), HasSubstr("has no end"));
  folder_.write("points.csv", "1,2\n3,4\n");
  EXPECT_THAT(refusal_of(path("points.csv")), HasSubstr("points.csv: holds no images"));
  write_folder("a", 2, 0);
  write_folder("b", 2, 5);
  EXPECT_THAT(refusal_of("pairs: {a: " + path("a") + ", b: " + path("b") + "}"), HasSubstr("has several images"));
  EXPECT_THAT(refusal_of_argument("imagess: {path: x}"), HasSubstr("did you mean 'images'?"));
  EXPECT_THAT(refusal_of_argument(path("nothing")), HasSubstr("neither there nor features or statistics by its name"));
}

TEST_F(ImageSide, WithABadFileIsRefused) {
  write_folder("photos", 3, 0);
  folder_.write("photos/cat/zero.png", "");
  EXPECT_THAT(refusal_of(path("photos")), HasSubstr("zero.png: is empty"));
}

// ---- the command

TEST_F(ImageSide, IsScoredByItsPixels) {
  write_folder("real", 40, 0);
  write_folder("fake", 20, 15);
  const std::vector<std::string> arguments{"score", "real", "fake", "--metrics", "kid", "--json"};
  const ProgramEnd end = run_program(arguments, folder_.path());
  EXPECT_EQ(end.code, 0) << end.errors;
  const nlohmann::json record = nlohmann::json::parse(end.output).at(0);
  EXPECT_EQ(record.at("protocol").at("features"), "pixels");
  EXPECT_EQ(record.at("n_real"), 40);
  EXPECT_EQ(record.at("floor_n"), 20);
  EXPECT_THAT(record.at("warnings").dump(), HasSubstr("20 of the 20 fakes equal a real example"));
}

TEST_F(ImageSide, TellsWhatLiesBeyondTheRange) {
  Values values(400, 0.5);
  values[3] = 1.2;
  write_npy("a.npy", {4, 10, 10}, values);
  const ProgramEnd end =
      run_program({"score", "a.npy", "a.npy", "--metrics", "kid", "--range", "-1,1"}, folder_.path());
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.errors, HasSubstr("warning: a.npy: 1 of 400 values lie beyond black and white"));
}

}  // namespace
}  // namespace duel
