// run.h5: metrics, samples, evaluations and the experiment itself, append-only under HDF5's single-writer
// multiple-reader mode, so that it can be read while training writes and after a kill. Layout in docs/run-folder.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/shape.hpp"

namespace duel {

// What the file will hold: SWMR forbids new groups and data sets after the first step.
struct RunLayout {
  struct Samples {
    std::string name;  // /samples/<name>
    Shape picture;     // height, width, channels of the rendered picture
    Shape values;      // [count, …] of the raw samples
  };
  struct Evaluations {
    std::string name;                  // /evaluations/<name>
    std::vector<std::string> metrics;  // /evaluations/<name>/<metric>, with step and time beside
  };
  std::vector<std::string> metrics;  // /metrics/train/<name>, with step and time beside
  std::vector<Samples> samples;
  std::vector<Evaluations> evaluations;
  std::map<std::string, std::string> experiment;  // written, overrides, resolved, name, …: texts
  std::map<std::string, std::string> provenance;  // version, compiler, blas_core, threads, seed, data hashes, …
  // Of each time that the run was taken up again, the first one first: step, started, command_line, …
  std::vector<std::map<std::string, std::string>> resumes;
};

// What one metric of an evaluation gave.
struct StoredScore {
  double value = 0;
  std::optional<double> uncertainty;
  std::optional<double> floor;
  std::string record;  // the whole record as JSON; shortened where run.h5 cannot hold it (store/bounded_record.hpp)
  bool operator==(const StoredScore&) const = default;
};

// The writer. Failures are UserError(ExitCode::storage); after the first one every call throws it again, and the file
// on the disk reads as if the process had been killed at that moment. One thread.
class RunFile {
 public:
  // Creates path (must not exist).
  static RunFile create(const std::filesystem::path& path, const RunLayout& layout);
  // For resume: copies the records of the file at `path` up to and including `last_step` into a new file beside it
  // (with the layout given), fsyncs and renames it over the old one, and goes on appending. Works on files left by a
  // kill. A metric that the old file does not have is NaN in its records. One that only the old file has keeps its
  // records, and is NaN in those that are appended; an evaluation that only the old file has stays as it is. A sample
  // that only the old file has, or of another shape, is a UserError(ExitCode::data).
  static RunFile resume(const std::filesystem::path& path, const RunLayout& layout, int64_t last_step);
  // Writes what waits, as far as it can: whoever must know of a failure calls flush before.
  ~RunFile();
  RunFile(RunFile&&) noexcept;

  // One value a metric in the order of the layout that was given, in one append; steps rise. `seconds` since the
  // training began (monotonic, resumed time included).
  void append_metrics(int64_t step, double seconds, std::span<const double> values);
  void append_sample(std::size_t which, int64_t step, std::span<const uint8_t> picture, std::span<const float> values);
  // One score a metric of evaluation `which` in the order of the layout that was given; steps rise. `seconds` as above.
  void append_evaluation(std::size_t which, int64_t step, double seconds, std::span<const StoredScore> scores);
  // Makes all appended records visible to readers.
  void flush();
  // The same, and lets no power failure take them back.
  void sync();
  // Seconds of the last record kept, 0 for a new file.
  double last_seconds() const;

 private:
  struct Implementation;
  explicit RunFile(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

// What a reader wants of a run: works while it is written and after a kill (opened for SWMR reading).
struct RunRecords {
  std::map<std::string, std::string> experiment;
  std::map<std::string, std::string> provenance;
  std::vector<std::map<std::string, std::string>> resumes;  // none in files older than them
  std::vector<int64_t> steps;
  std::vector<double> seconds;
  std::map<std::string, std::vector<double>> metrics;
  struct Evaluation {
    std::vector<int64_t> steps;
    std::vector<double> seconds;
    std::map<std::string, std::vector<StoredScore>> metrics;
  };
  std::map<std::string, Evaluation> evaluations;
  std::map<std::string, std::vector<int64_t>> sample_steps;  // of each sample's snapshots
};
RunRecords read_run(const std::filesystem::path& path);

// The values of a sample of the run at `path`, one snapshot after the other: its step, and `count` rows. The run must
// have a sample of that name.
using SeeSnapshot = std::function<void(int64_t step, int64_t count, std::span<const float> values)>;
void for_each_snapshot(const std::filesystem::path& path, const std::string& name, const SeeSnapshot& see);

}  // namespace duel
