// What files that users name may take the place of: nothing of a run, and nothing of another kind.
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "store/array_file.hpp"
#include "tests/support/program/program_on_runs.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Overwrite : public ProgramOnRuns {
 protected:
  Overwrite() {
    write("runs/a");
    folder_.write("notes.txt", "to be kept");
    folder_.write("notes.png", "to be kept");
    folder_.write("notes.h5", "to be kept");
  }
  // The commands that write a file of this name, each as far as it must come to refuse it.
  static std::vector<Words> writers(const std::string& page, const std::string& picture, const std::string& values) {
    return {{"report", "runs/a", "-o", page},
            {"compare", "runs", "--html", page},
            {"sample", "runs/a", "-o", picture},
            {"sample", "runs/a", "-o", values},
            {"animate", "runs/a", "-o", picture},
            {"data", "info", "--as", "{ring: {modes: 8}}", "-o", picture},
            {"statistics", "runs/a/features.npy", "-o", values},
            {"score", "runs/a/features.npy", "--save-real", values}};
  }
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) all[entry.path().string()] = read_text(entry.path());
    }
    return all;
  }
  bool has_pages() const {
    return run({"compare", "runs", "--html", "probe.html"}).errors.find("without pages") == std::string::npos;
  }
};

TEST_F(Overwrite, RefusesFilesOfOtherKinds) {
  if (!has_pages()) GTEST_SKIP() << "duel was built without pages";
  const auto before = files();
  for (const Words& words : writers("notes.txt", "notes.png", "notes.h5")) {
    EXPECT_THAT(refusal(words), HasSubstr(words.back() + ": is there already, and no ")) << words.front();
  }
  EXPECT_EQ(refusal({"report", "runs/a", "-o", "runs"}),
            "runs: is there already, and no file; write to another file\n");
  EXPECT_EQ(files(), before);
}

TEST_F(Overwrite, RefusesFilesOfRuns) {
  if (!has_pages()) GTEST_SKIP() << "duel was built without pages";
  fs::create_directories(folder_.path() / "runs/a/samples");
  fs::create_directory_symlink("runs/a/checkpoints", folder_.path() / "link");
  const auto before = files();
  for (const Words& words : writers("runs/a/run.h5", "runs/a/samples/step-000030.png", "runs/a/run.h5")) {
    const bool picture = words.back().ends_with(".png");
    EXPECT_EQ(refusal(words), words.back() + (picture ? ": lies in samples of a run" : ": holds the records of a run") +
                                  "; write to another file\n");
  }
  for (const Words& words : writers("link/new.html", "runs/a/evaluations/new.png", "link/new.h5")) {
    EXPECT_THAT(refusal(words), HasSubstr(words.back() + ": lies in ")) << words.front();
  }
  EXPECT_EQ(files(), before);
}

TEST_F(Overwrite, ReplacesItsOwnKindAndWhatIsEmpty) {
  if (!has_pages()) GTEST_SKIP() << "duel was built without pages";
  folder_.write("empty.html", "");
  for (const char* page : {"empty.html", "page.html", "page.html"}) {
    EXPECT_EQ(text({"report", "runs/a", "-o", page}), std::string(page) + "\n");
  }
  for (int time = 0; time < 2; ++time) text({"data", "info", "--as", "{digits: {}}", "-o", "sheet.png"});
  EXPECT_THAT(read_text(folder_.path() / "sheet.png"), HasSubstr("PNG"));
}

TEST(ArrayFile, IsToldFromOtherFiles) {
  const TemporaryFolder folder;
  const std::vector<double> numbers{1, 2};
  write_array_file(folder.path() / "a.h5", "values", Shape{2}, numbers, DType::float32);
  EXPECT_TRUE(is_array_file(folder.path() / "a.h5", "values"));
  EXPECT_FALSE(is_array_file(folder.path() / "a.h5", "others"));
  EXPECT_FALSE(is_array_file(folder.write("text.h5", "values"), "values"));
  EXPECT_FALSE(is_array_file(folder.path() / "absent.h5", "values"));
  write_run(folder.path() / "run");
  EXPECT_FALSE(is_array_file(folder.path() / "run/run.h5", "values"));
}

}  // namespace
}  // namespace duel
