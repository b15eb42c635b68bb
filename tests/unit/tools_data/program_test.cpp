// The commands as a user starts them.
#include "tests/support/program/program.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/pictures/pictures.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class DataCommand : public testing::Test {
 protected:
  DataCommand() {
    for (int i = 0; i < 4; ++i) {
      folder_.write("set/" + std::string(i < 2 ? "cat/" : "dog/") + std::to_string(i) + ".png",
                    png_file(noise_picture(8, 8, 3, static_cast<uint64_t>(i))));
    }
    folder_.write("set/dog/bad.png", "hello");
  }
  ProgramEnd run(const std::vector<std::string>& arguments) const { return run_program(arguments, folder_.path()); }

  TemporaryFolder folder_;
};

TEST_F(DataCommand, InfoDescribesAndDraws) {
  const ProgramEnd end = run({"data", "info", "set", "-o", "sheet.png"});
  EXPECT_EQ(end.code, 0) << end.errors;
  EXPECT_THAT(end.output,
              AllOf(StartsWith("images: {path: set}\n  4 examples\n"), HasSubstr("dog                  2\n"),
                    HasSubstr("  1 bad file\n    set/dog/bad.png: is not a PNG or JPEG picture")));
  std::ifstream sheet(folder_.path() / "sheet.png", std::ios::binary);
  std::string magic(4, '\0');
  sheet.read(magic.data(), 4);
  EXPECT_EQ(magic, "\x89PNG");
}

TEST_F(DataCommand, InfoTakesDataAsExperimentsWriteIt) {
  const ProgramEnd small = run({"data", "info", "--json", "--as", "images: {path: set, size: 3, labels: none}"});
  EXPECT_EQ(small.code, 0) << small.errors;
  const auto json = nlohmann::json::parse(small.output);
  EXPECT_EQ(json.at("fields").size(), 1u);
  EXPECT_EQ(json.at("fields")[0].at("shape"), (std::vector<int>{3, 3, 3}));
  folder_.write("experiments/e.yaml", "data: {train: {images: {path: ../set, channels: 1}}, batch: 2}\n");
  const ProgramEnd named = run({"data", "info", "experiments/e.yaml"});
  EXPECT_THAT(named.output, HasSubstr("  image [8, 8, 1]: ")) << named.errors;
  const ProgramEnd wrong = run({"data", "info", "--as", "images: {path: set, sise: 3}"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.errors, "--as:1:21: data.train: unknown key 'sise'; did you mean 'size'?\n");
  EXPECT_EQ(run({"data", "info"}).code, 2);
}

TEST_F(DataCommand, FetchRefusesOtherFilesAndTellsWhatIsMissing) {
  folder_.write("web/train-images-idx3-ubyte.gz", "not the digits");
  folder_.write("here/t10k-labels-idx1-ubyte.gz", "is there");
  const ProgramEnd end =
      run({"data", "fetch", "mnist", "--to", "here", "--url", "file://" + (folder_.path() / "web").string()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.errors,
              AllOf(HasSubstr("web/train-images-idx3-ubyte.gz: is another file than expected: SHA-256 "),
                    HasSubstr("here/train-images-idx3-ubyte.gz: missing; without a network, bring it from https://"),
                    HasSubstr("here/t10k-images-idx3-ubyte.gz: missing; "), Not(HasSubstr("t10k-labels"))));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "here/train-images-idx3-ubyte.gz"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "here/train-images-idx3-ubyte.gz.part"));
}

}  // namespace
}  // namespace duel
