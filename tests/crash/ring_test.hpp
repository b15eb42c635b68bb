// What tests of interrupted runs begin with: the run that is left alone, which all others must end like.
#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "tests/crash/ring_run.hpp"

namespace duel {

class RingTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(left_alone().end.code, 0) << left_alone().end.errors; }

  static const RingRuns& runs() { return left_alone().runs; }
  static std::filesystem::path reference() { return runs().path("reference"); }
  static double reference_seconds() { return left_alone().seconds; }

  static ProgramEnd start(const std::vector<std::string>& arguments, const ProgramSettings& settings = {}) {
    return run_program(arguments, runs().folder(), settings);
  }

 private:
  struct LeftAlone {
    LeftAlone() {
      const auto began = std::chrono::steady_clock::now();
      end = run_program(runs.train_arguments("reference", 1), runs.folder());
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    }
    RingRuns runs;
    ProgramEnd end;
    double seconds = 0;
  };
  // Made once for all tests of the program.
  static const LeftAlone& left_alone() {
    static const LeftAlone made;
    return made;
  }
};

}  // namespace duel
