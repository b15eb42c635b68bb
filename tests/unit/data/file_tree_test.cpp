// Folders and archives look alike.
#include "data/file_tree.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "base/error.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const NamedContents files{{"b/two.txt", "2"},        {"./a/one.txt", "1"},          {"zero.txt", "0"},
                          {"a/deep/three.txt", ""},  {"a/other.dat", "x"},          {".hidden/four.txt", "4"},
                          {"a/.DS_Store.txt", "no"}, {"__MACOSX/a/._one.txt", "no"}};

bool is_text(const std::string& name) { return name.ends_with(".txt"); }

std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void expect_files(const FileTree& tree) {
  EXPECT_THAT(tree.files(), ElementsAre("a/deep/three.txt", "a/one.txt", "b/two.txt", "zero.txt"));
  EXPECT_THAT(tree.folders(), ElementsAre("a", "a/deep", "b"));
  EXPECT_EQ(text_of(tree.read(1)), "1");
  EXPECT_EQ(text_of(tree.read(0)), "");
  EXPECT_EQ(tree.place(2), tree.root() / "b/two.txt");
}

std::string tree_refusal(const std::filesystem::path& path) {
  return refusal_of([&] { const FileTree tree(path, is_text); });
}

TEST(FileTree, ListsFoldersAndArchivesAlike) {
  const TemporaryFolder folder;
  for (const auto& [name, content] : files) folder.write("tree/" + name, content);
  expect_files(FileTree(folder.path() / "tree", is_text));
  expect_files(FileTree(folder.write("tree.tar", tar_file(files)), is_text));
  expect_files(FileTree(folder.write("tree.tar.gz", tar_file(files, "gzip")), is_text));
  expect_files(FileTree(folder.write("tree.zip", zip_file(files)), is_text));
}

TEST(FileTree, KnowsEmptyFoldersAndFollowsLinksToFilesOnly) {
  const TemporaryFolder folder;
  folder.write("tree/a/one.txt", "1");
  std::filesystem::create_directories(folder.path() / "tree/empty");
  std::filesystem::create_symlink(folder.path() / "tree/a/one.txt", folder.path() / "tree/link.txt");
  std::filesystem::create_directory_symlink(folder.path() / "tree", folder.path() / "tree/circle");
  std::filesystem::create_symlink(folder.path() / "nowhere", folder.path() / "tree/lost.txt");
  const FileTree tree(folder.path() / "tree", is_text);
  EXPECT_THAT(tree.files(), ElementsAre("a/one.txt", "link.txt"));
  EXPECT_THAT(tree.folders(), ElementsAre("a", "empty"));
  EXPECT_THAT(FileTree(folder.write("t.tar", tar_file({{"full/x.txt", "x"}, {"empty/", ""}})), is_text).folders(),
              ElementsAre("empty", "full"));
}

TEST(FileTree, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  EXPECT_THAT(tree_refusal(folder.path() / "none"), HasSubstr("none: there is no such folder or file"));
  EXPECT_THAT(tree_refusal(folder.write("text", "hello")),
              HasSubstr("text: is neither a folder nor a tar or zip archive that can be read (Unrecognized"));
  const std::string noise = png_file(noise_picture(300, 300, 3, 1));  // hardly packed further
  const std::string whole = tar_file({{"a.txt", noise}, {"b.txt", noise + noise}}, "gzip");
  EXPECT_THAT(tree_refusal(folder.write("beginning.tar.gz", whole.substr(0, 40))), HasSubstr("truncated"));
  EXPECT_THAT(tree_refusal(folder.write("half.tar.gz", whole.substr(0, whole.size() / 2))),
              HasSubstr("half.tar.gz: the archive is damaged ("));
  EXPECT_EQ(tree_refusal(folder.write("whole.tar.gz", whole)), "accepted");
}

}  // namespace
}  // namespace duel
