#include "layering.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace {

namespace fs = std::filesystem;
using duel::layering::check;
using duel::layering::Report;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A small tree with the project's shape and nothing wrong, to which each test adds one fault.
class Tree : public ::testing::Test {
 protected:
  Tree() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(DUEL_BINARY_DIR) / "tests/layering-trees" / test->name();
    fs::remove_all(root_);
    write("framework/CMakeLists.txt",
          "foreach(room base yaml graph registry plan data train)  # in order\nendforeach()");
    write("framework/base/CMakeLists.txt", "duel_room(base TBB::tbb duel_openblas)");
    write("framework/yaml/CMakeLists.txt", "duel_room(yaml duel_base yaml-cpp)");
    write("framework/graph/CMakeLists.txt", "duel_room(graph duel_base)");
    write("framework/registry/CMakeLists.txt", "duel_room(registry duel_yaml duel_graph)");
    write("framework/plan/CMakeLists.txt", "duel_room(plan duel_graph)  # not duel_train");
    write("framework/data/CMakeLists.txt", "duel_room(data duel_registry)");
    write("framework/train/CMakeLists.txt", "duel_room(train duel_plan duel_data)");
    write("plugins/CMakeLists.txt", "duel_room(plugins duel_layers duel_datasets)");
    write("plugins/layers/CMakeLists.txt", "duel_room(layers duel_registry)");
    write("plugins/datasets/CMakeLists.txt", "duel_room(datasets duel_data)");
    write("framework/base/error.hpp", "#pragma once\n#include <string>\n");
    write("framework/yaml/document.hpp", "#include \"base/error.hpp\"\n#include \"yaml/compose.hpp\"\n");
    write("framework/train/loop.cpp", "#include \"yaml/document.hpp\"\n  #  include \"data/loader.hpp\"\n");
    write("plugins/layers/dense.cpp", "#include \"plugins/layers/dense.hpp\"\n#include \"graph/graph.hpp\"\n");
    write("plugins/register.cpp", "#include \"plugins/layers/register.hpp\"\n");
  }
  ~Tree() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  std::vector<std::string> violations() { return check(root_).violations; }

  fs::path root_;
};

TEST_F(Tree, WithoutFaultPasses) {
  const Report report = check(root_);
  EXPECT_THAT(report.violations, IsEmpty());
  EXPECT_EQ(report.files, 5U);
  EXPECT_EQ(report.includes, 7U);
}

TEST_F(Tree, UpwardIncludeFails) {
  write("framework/base/file.hpp", "#pragma once\n\n#include \"train/loop.hpp\"");
  EXPECT_THAT(violations(), ElementsAre("framework/base/file.hpp:3: includes \"train/loop.hpp\", but 'base' may use "
                                        "only: base"));
}

TEST_F(Tree, UpwardIncludeFailsHoweverItIsWritten) {
  write("framework/yaml/a.cpp", "#include <graph/graph.hpp>");
  write("framework/yaml/b.cpp", "#include \"framework/graph/graph.hpp\"");
  write("framework/yaml/c.cpp", "#include \"../graph/graph.hpp\"");
  write("framework/yaml/deep/d.cpp", "\t# include \"graph/graph.hpp\"  // why not");
  EXPECT_THAT(violations(),
              ElementsAre(StartsWith("framework/yaml/a.cpp:1: "), StartsWith("framework/yaml/b.cpp:1: "),
                          StartsWith("framework/yaml/c.cpp:1: "), StartsWith("framework/yaml/deep/d.cpp:1: ")));
}

TEST_F(Tree, RoomAboveThatIsNotNamedFails) {
  write("framework/plan/fuse.cpp", "#include \"yaml/document.hpp\"");
  EXPECT_THAT(violations(),
              ElementsAre(AllOf(StartsWith("framework/plan/fuse.cpp:1: "), HasSubstr("base, graph, plan"))));
}

TEST_F(Tree, UpwardLinkFails) {
  write("framework/yaml/CMakeLists.txt",
        "duel_room(yaml duel_base)\ntarget_link_libraries(duel_yaml PRIVATE duel_plan)");
  EXPECT_THAT(violations(), ElementsAre("framework/yaml/CMakeLists.txt: 'yaml' may not use 'plan'"));
}

TEST_F(Tree, RoomOutsideTheOrderFails) {
  write("framework/extra/CMakeLists.txt", "duel_room(extra)");
  EXPECT_THAT(violations(), ElementsAre("framework/CMakeLists.txt: room 'extra' has no place in the order of rooms"));
}

TEST_F(Tree, FrameworkThatIncludesPluginsFails) {
  write("framework/train/loop.hpp", "#include \"plugins/layers/dense.hpp\"\n#include \"plugins/register.hpp\"");
  EXPECT_THAT(violations(),
              ElementsAre(StartsWith("framework/train/loop.hpp:1: "), StartsWith("framework/train/loop.hpp:2: ")));
}

TEST_F(Tree, PluginsThatIncludeTheMachineryFail) {
  write("plugins/layers/dense.hpp", "#include \"plan/plan.hpp\"");
  EXPECT_THAT(violations(), ElementsAre(StartsWith("plugins/layers/dense.hpp:1: includes \"plan/plan.hpp\"")));
}

TEST_F(Tree, PluginsThatLinkTheMachineryFail) {
  write("plugins/layers/CMakeLists.txt", "duel_room(layers duel_registry duel_plan duel_data duel_datasets)");
  EXPECT_THAT(violations(), ElementsAre("plugins/layers/CMakeLists.txt: 'layers' may not use 'data'",
                                        "plugins/layers/CMakeLists.txt: 'layers' may not use 'datasets'",
                                        "plugins/layers/CMakeLists.txt: 'layers' may not use 'plan'"));
}

TEST_F(Tree, KindThatIncludesAnotherKindFails) {
  write("plugins/datasets/idx.cpp", "#include \"data/loader.hpp\"\n#include \"plugins/layers/dense.hpp\"");
  EXPECT_THAT(violations(), ElementsAre(StartsWith("plugins/datasets/idx.cpp:2: ")));
}

TEST_F(Tree, IncludeOutsideTheRoomsFails) {
  write("framework/yaml/a.cpp", "#include \"document.hpp\"");
  write("framework/yaml/b.cpp", "#include \"tools/train/command.hpp\"");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("\"document.hpp\" is not in a room"),
                                        HasSubstr("\"tools/train/command.hpp\" is not in a room")));
}

TEST_F(Tree, HeavyLibraryInHeaderFails) {
  write("framework/yaml/parse.hpp", "#include <yaml-cpp/yaml.h>");
  write("framework/yaml/parse.cpp", "#include <yaml-cpp/yaml.h>");
  EXPECT_THAT(violations(), ElementsAre("framework/yaml/parse.hpp:1: <yaml-cpp/yaml.h> is slow to compile; include it "
                                        "in a source"));
}

TEST(Project, KeepsToItsLayers) {
  const Report report = check(DUEL_SOURCE_DIR);
  EXPECT_GT(report.includes, report.files) << "too few includes were found for the check to mean anything";
  EXPECT_THAT(report.violations, IsEmpty()) << fmt::format("{}", fmt::join(report.violations, "\n"));
}

}  // namespace
