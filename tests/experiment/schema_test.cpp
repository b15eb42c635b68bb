// The JSON Schema that editors use: it accepts every experiment of the gallery and refuses what the program refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/experiment/gallery.hpp"
#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int modules_missing = 77;

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    const ProgramEnd end = run_program({"schema"}, folder_.path());
    ASSERT_EQ(end.code, 0) << end.errors;
    text_ = end.output;
    folder_.write("schema.json", text_);
  }

  struct Verdict {
    int code;
    std::string text;
  };
  Verdict validate(const std::vector<std::string>& files) const {
    std::string command = fmt::format("/usr/bin/python3 {}/tests/experiment/validate.py {}/schema.json",
                                      DUEL_SOURCE_DIR, folder_.path().string());
    for (const std::string& file : files) command += " " + file;
    const fs::path printed = folder_.path() / "printed";
    const int status = std::system(fmt::format("{} > {} 2>&1", command, printed.string()).c_str());
    return {WEXITSTATUS(status), read_text(printed)};
  }

  TemporaryFolder folder_;
  std::string text_;
};

TEST_F(Schema, IsDraft7AndDescribesEverySection) {
  const nlohmann::json schema = nlohmann::json::parse(text_);
  EXPECT_EQ(schema.at("$schema"), "http://json-schema.org/draft-07/schema#");
  for (const std::string section : {"name", "data", "networks", "values", "players", "train", "metrics", "sample",
                                    "averages", "blocks", "checkpoint", "engine", "extends", "vars"}) {
    EXPECT_TRUE(schema.at("properties").contains(section)) << section;
  }
  EXPECT_EQ(schema.at("additionalProperties"), false);
}

// With --sweep: of the sweeps.
TEST_F(Schema, OfSweepsAcceptsTheGallerys) {
  folder_.write("schema.json", run_program({"schema", "--sweep"}, folder_.path()).output);
  std::vector<std::string> files;
  for (const std::vector<std::string>& names : {gallery_sweeps(), smoke_sweeps()}) {
    for (const std::string& name : names) files.push_back(experiment_file(name).string());
  }
  const Verdict verdict = validate(files);
  if (verdict.code == modules_missing) GTEST_SKIP() << verdict.text;
  EXPECT_EQ(verdict.code, 0) << verdict.text;
  folder_.write("wrong.yaml", "experiment: e.yaml\nmetric: fid\nparallel: 0\nparameters: {a: {valuess: [1]}}\n");
  EXPECT_NE(validate({(folder_.path() / "wrong.yaml").string()}).code, 0);
}

// A $ref that leads nowhere makes editors give up.
TEST_F(Schema, RefersOnlyToWhatItDefines) {
  const nlohmann::json schema = nlohmann::json::parse(text_);
  const std::string prefix = "#/definitions/";
  const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& node) {
    if (node.is_object() && node.contains("$ref")) {
      const std::string reference = node.at("$ref");
      ASSERT_TRUE(reference.starts_with(prefix)) << reference;
      EXPECT_TRUE(schema.at("definitions").contains(reference.substr(prefix.size()))) << reference;
    }
    if (node.is_structured()) {
      for (const auto& child : node) walk(child);
    }
  };
  walk(schema);
}

TEST_F(Schema, AcceptsTheGallery) {
  std::vector<std::string> files;
  for (const auto& names : {gallery_experiments(), smoke_experiments(), full_experiments()}) {
    for (const std::string& name : names) files.push_back(experiment_file(name).string());
  }
  const Verdict verdict = validate(files);
  if (verdict.code == modules_missing) GTEST_SKIP() << verdict.text << "install python3-jsonschema and python3-yaml";
  EXPECT_EQ(verdict.code, 0) << verdict.text;
}

TEST_F(Schema, AcceptsBlocksAndLayersWithinLayers) {
  const std::string file =
      folder_
          .write("blocks.yaml",
                 "blocks: {up: {inputs: [x], parameters: {width: , slope: 0.2}, layers: [dense: '${width}', relu]}}\n"
                 "networks:\n"
                 "  g:\n"
                 "    inputs: {z: [4]}\n"
                 "    layers: [up: 3, up: {width: 3}, residual: [up: 3, tanh], repeat: {times: 2, layers: [up: 3]},\n"
                 "      spectral_norm: {layer: {dense: 3}, share: a}]\n")
          .string();
  const Verdict verdict = validate({file});
  if (verdict.code == modules_missing) GTEST_SKIP() << verdict.text << "install python3-jsonschema and python3-yaml";
  EXPECT_EQ(verdict.code, 0) << verdict.text;
}

// ${a.b} for a number, a list, a data set; and a data set in the place of another.
TEST_F(Schema, AcceptsInterpolation) {
  const std::string file = folder_
                               .write("interpolated.yaml",
                                      "extends: base.yaml\n"
                                      "vars: {width: 3, steps: 5, points: {ring: {modes: 8}}}\n"
                                      "data: {batch: '${width}', train: {_delete_: true, ring: {modes: '${width}'}}, "
                                      "test: '${points}'}\n"
                                      "networks: {g: {inputs: {z: ['${width}']}, layers: [dense: '${width}']}}\n"
                                      "train: {steps: '${steps}'}\n")
                               .string();
  const Verdict verdict = validate({file});
  if (verdict.code == modules_missing) GTEST_SKIP() << verdict.text << "install python3-jsonschema and python3-yaml";
  EXPECT_EQ(verdict.code, 0) << verdict.text;
}

TEST_F(Schema, RefusesSlips) {
  const std::vector<std::string> slips{"trian: {steps: 5}",
                                       "train: {steps: many}",
                                       "networks: {g: {layers: [dens: 5]}}",
                                       "networks: {g: {layers: [dense: {unit: 5}]}}",
                                       "networks: {g: {weights: {form: a.safetensors}}}",
                                       "networks: {g: {layers: [dropout: 1.5]}}",
                                       "players: {g: {optimizer: {adam: {lr: fast}}}}",
                                       "data: {order: random}"};
  std::vector<std::string> files;
  for (std::size_t i = 0; i < slips.size(); ++i) {
    files.push_back(folder_.write(fmt::format("slip-{}.yaml", i), slips[i] + "\n").string());
  }
  const Verdict verdict = validate(files);
  if (verdict.code == modules_missing) GTEST_SKIP() << verdict.text << "install python3-jsonschema and python3-yaml";
  for (std::size_t i = 0; i < slips.size(); ++i) EXPECT_THAT(verdict.text, HasSubstr(files[i])) << slips[i];
}

}  // namespace
}  // namespace duel
