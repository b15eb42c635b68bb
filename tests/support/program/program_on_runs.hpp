// The program on runs that were written for it.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/program/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/written_run.hpp"

namespace duel {

class ProgramOnRuns : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  std::filesystem::path write(const std::string& name, const WrittenRun& run = {}) const {
    return write_run(folder_.path() / name, run);
  }
  // A run of an experiment with these two values.
  std::filesystem::path write(const std::string& name, const std::string& lr, int seed, double fid) const {
    WrittenRun run;
    run.resolved = "name: small\nseed: " + std::to_string(seed) + "\nplayers: {g: {optimizer: {adam: {lr: " + lr +
                   "}}}, d: {optimizer: {adam: {lr: 0.5}}}}\n" + "train: {steps: 30}\n";
    run.fid = fid;
    return write(name, run);
  }
  ProgramEnd run(const Words& arguments) const { return run_program(arguments, folder_.path()); }
  std::string text(const Words& arguments) const {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.code, 0) << end.errors;
    EXPECT_EQ(end.errors, "");
    return end.output;
  }
  std::string refusal(const Words& arguments, int code = 2) const {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.code, code) << end.output;
    return end.errors;
  }

  TemporaryFolder folder_;
};

}  // namespace duel
