// The groups and data sets of run.h5, as docs/run-folder.md lays them out: the one place that both the writer and the
// reader take names from. Internal to store/.
#pragma once

#include "store/hdf5_handle.hpp"
#include "store/run_file.hpp"

namespace duel::run_tree {

inline constexpr const char* format_key = "file_format";
inline constexpr const char* format_name = "duel run";
inline constexpr const char* version_key = "file_format_version";
inline constexpr int64_t version = 1;

inline constexpr const char* experiment = "experiment";
inline constexpr const char* provenance = "provenance";
inline constexpr const char* resumes = "resumes";  // groups 1, 2, … with texts
inline constexpr const char* metrics = "metrics/train";
inline constexpr const char* samples = "samples";
inline constexpr const char* step = "step";
inline constexpr const char* time = "time";
inline constexpr const char* picture = "picture";
inline constexpr const char* values = "values";
inline constexpr const char* evaluations = "evaluations";
inline constexpr const char* uncertainty = "uncertainty";  // of an evaluation: a group with a series for each metric
inline constexpr const char* floor = "floor";              // likewise
inline constexpr const char* records = "records";          // likewise

// Fills a new file. Throws UserError(ExitCode::experiment) for the name of a metric, sample or evaluation that the file
// cannot hold.
void declare(const hdf5::Calls& calls, hdf5::Id file, const RunLayout& layout);

}  // namespace duel::run_tree
