// What each section of a sweep's file may say. The structs mirror the YAML; definition.cpp reads them. For
// framework/sweep's own sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "registry/section.hpp"

namespace duel {

struct SweepSection {
  std::string name, description;
  std::filesystem::path experiment, paths_from;
  std::vector<std::string> overrides;
  std::string method = "random";
  YamlNode metric, parameters, early_terminate, tpe, slurm;
  std::vector<int64_t> seeds;
  std::optional<int64_t> run_cap;
  int64_t parallel = 1;
  int64_t seed = 0;
  static void declare(Declaration<SweepSection>& d);
};

struct SweepMetricSection {
  std::string name;
  std::string goal;
  std::string value = "last";
  static void declare(Declaration<SweepMetricSection>& d);
};

struct EarlyTerminateSection {
  std::string type;
  std::string resource = "evaluation";
  double min_iter = 1;
  std::optional<double> max_iter;
  double eta = 3;
  std::optional<int64_t> brackets;
  int64_t min_trials = 5;
  double interval = 1;
  static void declare(Declaration<EarlyTerminateSection>& d);
};

struct TpeSection {
  int64_t startup_trials = 10;
  int64_t candidates = 24;
  static void declare(Declaration<TpeSection>& d);
};

}  // namespace duel
