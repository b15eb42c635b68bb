#include "store/run_file.hpp"

#include <hdf5.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/disk_driver.hpp"
#include "store/evaluation_series.hpp"
#include "store/hdf5_value.hpp"
#include "store/run_copy.hpp"
#include "store/run_reader.hpp"
#include "store/run_tree.hpp"
#include "store/series.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using hdf5::Calls;
using hdf5::Handle;

// Records kept back until they are written together: a write costs some 100 µs, however many records it has.
constexpr std::size_t block_records = 256;

// Where the file grows until it is complete; sweep_temporaries knows the name.
fs::path temporary_path(const fs::path& path) {
  return path.parent_path() / fmt::format(".duel-{}-run.tmp", ::getpid());
}

// A kill can end a write at the border of a page of memory. HDF5 writes each of its records on its own and the inner
// ones first, so a kill between two of them does no harm; but one that lay across a border would be left half old and
// half new. So: pages as large as memory's, and no record (they are smaller) across the border of a page.
Handle paged_creation(const Calls& calls) {
  constexpr hsize_t page_size = 4096;
  Handle creation = calls.own(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "make file properties");
  calls.check(H5Pset_file_space_strategy(creation.get(), H5F_FSPACE_STRATEGY_PAGE, false, 1), "divide into pages");
  calls.check(H5Pset_file_space_page_size(creation.get(), page_size), "divide into pages");
  return creation;
}

struct SampleSeries {
  Series steps;
  Series pictures;
  Series values;
  int64_t last_step = -1;
};

// Deletes the file, unless it was renamed.
class Remover {
 public:
  explicit Remover(fs::path path) : path_(std::move(path)) {}
  ~Remover() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Remover(const Remover&) = delete;
  Remover& operator=(const Remover&) = delete;

 private:
  fs::path path_;
};

}  // namespace

struct RunFile::Implementation {
  Implementation(const fs::path& file_path, RunLayout run_layout)
      : path(file_path), temporary(temporary_path(file_path)), layout(std::move(run_layout)), expected(layout) {}

  // Writes the file under its temporary name, then makes it the one at `path`.
  void start();
  void publish();

  void append_metrics(int64_t step, double seconds, std::span<const double> values);
  void append_sample(std::size_t which, int64_t step, std::span<const uint8_t> picture, std::span<const float> values);
  void append_evaluation(std::size_t which, int64_t step, double seconds, std::span<const StoredScore> scores);
  void flush();
  void sync(const fs::path& present_name);

  fs::path path;
  fs::path temporary;
  double last_seconds = 0;

 private:
  friend class RunFile;
  template <class Work>
  void attempt(Work work);
  void check_disk(const Calls& calls) const;
  void open_series(const Calls& calls);
  void write_waiting(const Calls& calls);

  RunLayout layout;
  RunLayout expected;  // what is appended: less than the layout where that has what an older experiment had
  DiskState disk;
  Handle file;
  Series steps;
  Series times;
  std::vector<Series> metrics;
  std::vector<SampleSeries> samples;
  std::vector<EvaluationSeries> evaluations;
  std::optional<UserError> failure;  // the first; the file takes nothing more

  std::vector<int64_t> waiting_steps;
  std::vector<double> waiting_times;
  std::vector<std::vector<double>> waiting_values;  // one a metric
  int64_t last_step = -1;
};

// Runs work(calls). After a failure, HDF5's or one that the driver hid from it, the file is of no more use.
template <class Work>
void RunFile::Implementation::attempt(Work work) {
  if (failure) throw UserError(*failure);
  const Calls calls(path, ExitCode::storage);
  try {
    try {
      work(calls);
    } catch (const UserError&) {
      check_disk(calls);  // HDF5's own complaint may be an after-effect
      throw;
    }
    check_disk(calls);
  } catch (const UserError& error) {
    failure = error;
    throw;
  }
}

void RunFile::Implementation::check_disk(const Calls& calls) const {
  if (disk.error == 0) return;
  const bool full = disk.error == ENOSPC || disk.error == EDQUOT || disk.error == EFBIG;
  calls.fail("cannot write: " + std::generic_category().message(disk.error),
             full ? "free some space, then resume the run" : "");
}

void RunFile::Implementation::start() {
  attempt([&](const Calls& calls) {
    const Handle access = hdf5::access_properties(calls, hdf5::Structures::hdf5_1_10);
    use_disk_driver(calls, access.get(), disk);
    const Handle creation = paged_creation(calls);
    file = calls.own(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
                     "create the file");
    run_tree::declare(calls, file.get(), layout);
    calls.check(H5Fstart_swmr_write(file.get()), "let readers in");
    open_series(calls);
  });
}

void RunFile::Implementation::open_series(const Calls& calls) {
  const Handle train = hdf5::open_group(calls, file.get(), run_tree::metrics);
  steps = Series::open(calls, train.get(), run_tree::step, Element::int64);
  times = Series::open(calls, train.get(), run_tree::time, Element::float64);
  for (const std::string& name : layout.metrics)
    metrics.push_back(Series::open(calls, train.get(), name, Element::float64));
  waiting_values.resize(metrics.size());

  const Handle all = hdf5::open_group(calls, file.get(), run_tree::samples);
  for (const RunLayout::Samples& sample : layout.samples) {
    const Handle group = hdf5::open_group(calls, all.get(), sample.name);
    samples.push_back({Series::open(calls, group.get(), run_tree::step, Element::int64),
                       Series::open(calls, group.get(), run_tree::picture, Element::uint8),
                       Series::open(calls, group.get(), run_tree::values, Element::float32)});
  }
  const Handle entry = hdf5::open_group(calls, file.get(), run_tree::evaluations);
  for (const auto& [name, names] : layout.evaluations) evaluations.emplace_back(calls, entry.get(), name, names);
}

void RunFile::Implementation::publish() {
  sync(temporary);
  attempt([&](const Calls&) { rename_file(temporary, path); });
}

void RunFile::Implementation::sync(const fs::path& present_name) {
  attempt([&](const Calls& calls) {
    write_waiting(calls);
    calls.check(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), "write the file");
    check_disk(calls);
    sync_file(present_name);
  });
}

void RunFile::Implementation::append_metrics(int64_t step, double seconds, std::span<const double> values) {
  if (failure) throw UserError(*failure);
  DUEL_CHECK(values.size() == expected.metrics.size(), "{} values for {} metrics", values.size(),
             expected.metrics.size());
  DUEL_CHECK(step > last_step, "metrics of step {} after those of step {}", step, last_step);
  waiting_steps.push_back(step);
  waiting_times.push_back(seconds);
  for (std::size_t i = 0; i < waiting_values.size(); ++i) {
    waiting_values[i].push_back(i < values.size() ? values[i] : std::numeric_limits<double>::quiet_NaN());
  }
  last_step = step;
  last_seconds = seconds;
  if (waiting_steps.size() == block_records) flush();
}

void RunFile::Implementation::append_sample(std::size_t which, int64_t step, std::span<const uint8_t> picture,
                                            std::span<const float> values) {
  DUEL_CHECK(which < samples.size(), "sample {} of {}", which, samples.size());
  SampleSeries& series = samples[which];
  DUEL_CHECK(static_cast<int64_t>(picture.size()) == series.pictures.row().elements() &&
                 static_cast<int64_t>(values.size()) == series.values.row().elements(),
             "sample {}: {} bytes of picture, {} values", layout.samples[which].name, picture.size(), values.size());
  DUEL_CHECK(step > series.last_step, "a sample of step {} after one of step {}", step, series.last_step);
  attempt([&](const Calls& calls) {
    series.pictures.append(calls, 1, picture.data());
    series.values.append(calls, 1, values.data());
    series.steps.append(calls, 1, &step);  // last, as for metrics
  });
  series.last_step = step;
}

void RunFile::Implementation::append_evaluation(std::size_t which, int64_t step, double seconds,
                                                std::span<const StoredScore> scores) {
  DUEL_CHECK(which < expected.evaluations.size(), "evaluation {} of {}", which, expected.evaluations.size());
  DUEL_CHECK(scores.size() == expected.evaluations[which].metrics.size(), "{}: {} scores of {} metrics",
             expected.evaluations[which].name, scores.size(), expected.evaluations[which].metrics.size());
  attempt([&](const Calls& calls) { evaluations[which].append(calls, step, seconds, scores); });
}

void RunFile::Implementation::flush() {
  attempt([&](const Calls& calls) { write_waiting(calls); });
}

void RunFile::Implementation::write_waiting(const Calls& calls) {
  const auto count = static_cast<int64_t>(waiting_steps.size());
  if (count == 0) return;
  for (std::size_t i = 0; i < metrics.size(); ++i) metrics[i].append(calls, count, waiting_values[i].data());
  times.append(calls, count, waiting_times.data());
  steps.append(calls, count, waiting_steps.data());  // last: readers believe in as many records as there are steps
  waiting_steps.clear();
  waiting_times.clear();
  for (auto& values : waiting_values) values.clear();
}

// ---- RunFile

RunFile RunFile::create(const fs::path& path, const RunLayout& layout) {
  std::error_code ignored;
  if (fs::exists(path, ignored))
    throw UserError(
        ExitCode::storage,
        Problem{{path.string(), 0, 0}, {}, "exists already", "resume that run, or choose another name", {}});
  auto implementation = std::make_unique<Implementation>(path, layout);
  const Remover remover(implementation->temporary);
  implementation->start();
  implementation->publish();
  return RunFile(std::move(implementation));
}

RunFile RunFile::resume(const fs::path& path, const RunLayout& layout, int64_t last_step) {
  auto old = std::make_unique<RunReader>(path);
  const RunLayout whole = with_kept(*old, layout);
  auto implementation = std::make_unique<Implementation>(path, whole);
  const Remover remover(implementation->temporary);
  RunFile file(std::move(implementation));
  file.implementation_->start();
  copy_records(*old, whole, last_step, file);
  file.implementation_->expected = layout;
  old.reset();  // closed before its file is replaced
  file.implementation_->publish();
  return file;
}

RunFile::RunFile(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
RunFile::RunFile(RunFile&&) noexcept = default;

RunFile::~RunFile() {
  if (!implementation_) return;
  try {
    implementation_->flush();
  } catch (const UserError&) {
    // A destructor cannot report it: who must know calls flush before.
  }
}

void RunFile::append_metrics(int64_t step, double seconds, std::span<const double> values) {
  implementation_->append_metrics(step, seconds, values);
}

void RunFile::append_sample(std::size_t which, int64_t step, std::span<const uint8_t> picture,
                            std::span<const float> values) {
  implementation_->append_sample(which, step, picture, values);
}

void RunFile::append_evaluation(std::size_t which, int64_t step, double seconds, std::span<const StoredScore> scores) {
  implementation_->append_evaluation(which, step, seconds, scores);
}

void RunFile::flush() { implementation_->flush(); }
void RunFile::sync() { implementation_->sync(implementation_->path); }

double RunFile::last_seconds() const { return implementation_->last_seconds; }

}  // namespace duel
