// What a sweep is to do, as its file says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "registry/parameters.hpp"
#include "registry/registry.hpp"
#include "search/early_termination.hpp"
#include "search/space.hpp"
#include "search/tpe.hpp"
#include "spec/experiment.hpp"
#include "yaml/compose.hpp"

namespace duel {

enum class SearchMethod { grid, random, tpe };

struct SweepMetric {
  MetricName name;
  bool maximize = false;
  bool best = false;       // the best value of a run counts, instead of the last
  bool evaluated = false;  // an evaluation gives it
};

// How jobs of a cluster are asked for (tools/sweep/slurm.cpp).
struct SlurmSettings {
  std::string partition, account, time, memory;  // empty: the cluster's own
  int64_t cpus = 1;                              // of a job
  int64_t warning = 60;                          // seconds before a job's end in which it saves and is queued again
  std::vector<std::string> options;              // further ones of sbatch: "--nice=100"
  static void declare(Declaration<SlurmSettings>& d);
};

struct SweepDefinition {
  std::string name;
  std::string description;
  std::filesystem::path experiment;    // its file; absolute
  std::vector<std::string> overrides;  // of the experiment, in every trial
  // Absolute. Relative paths in overrides and values start here: whoever trains a trial works in this folder.
  std::filesystem::path paths_from;
  SearchMethod method = SearchMethod::random;
  SweepMetric metric;
  SearchSpace space;
  std::vector<int64_t> seeds;  // every point is trained once with each; empty: with the experiment's own
  std::optional<EarlyTermination> early_terminate;
  std::optional<int64_t> run_cap;  // most points; none only for a grid
  int64_t parallel = 1;            // workers
  uint64_t seed = 0;               // of the search
  TpeOptions tpe;
  SlurmSettings slurm;

  // Points there will be in all.
  int64_t trials() const;
  int64_t runs_per_trial() const { return seeds.empty() ? 1 : static_cast<int64_t>(seeds.size()); }
};

// Throws UserError(ExitCode::experiment) with every problem of the file; the experiment is read for its metrics and
// lengths, and not checked further (check_sweep does).
SweepDefinition read_sweep(const Document& document, const Registry& registry);

// Checks the experiment at the first point of the space, and with every value of each categorical and both ends of each
// other parameter in turn. Throws UserError(ExitCode::experiment) with every problem found.
void check_sweep(const SweepDefinition& definition, const Registry& registry);

// The experiment of a trial: the file with the overrides of the sweep, the point and the seed (none: its own).
Document trial_document(const SweepDefinition& definition, const Point& point, std::optional<int64_t> seed);

// The parameters that may change how an evaluation makes the metric, so that scores cannot be compared: those of
// `evaluate` and of what the data are. Empty for a metric of training.
std::vector<std::string> protocol_parameters(const SweepDefinition& definition);

// What two definitions share if and only if trials of both may stand in one sweep: what decides the points and what is
// trained at them, as YAML. Not the number of points or workers.
struct SweepIdentity {
  std::string sweep;
  std::string experiment;  // with all that it extends
  std::string hash() const;
};
SweepIdentity identity_of(const SweepDefinition& definition, const Document& document);
// "train.steps: 60, now 61", of each leaf in which they differ.
std::vector<std::string> changes(const SweepIdentity& before, const SweepIdentity& now);

}  // namespace duel
