#include "store/run_reader.hpp"

#include <hdf5.h>

#include <algorithm>
#include <system_error>

#include "store/evaluation_series.hpp"
#include "store/hdf5_value.hpp"
#include "store/run_tree.hpp"

namespace duel {

using hdf5::Handle;

RunReader::RunReader(const std::filesystem::path& path) : calls_(path, ExitCode::data) {
  std::error_code error;
  file_size_ = std::filesystem::file_size(path, error);
  if (error) calls_.fail("cannot read: " + error.message());
  const Handle access = hdf5::access_properties(calls_, hdf5::Structures::hdf5_1_10);
  // What the writer is just writing is read again, after a pause that doubles each time from 1 ns: 2 s in all. HDF5's
  // own 100 attempts would never end on a damaged file.
  calls_.check(H5Pset_metadata_read_attempts(access.get(), 30), "limit the attempts to read");
  // Twice: a writer that ends while HDF5 opens the file makes it longer than HDF5 has found it to be.
  for (int attempt = 0; attempt < 2 && file_.get() < 0; ++attempt)
    file_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access.get()), H5Fclose);
  calls_.check(file_.get(), "open the run");
  check_format();
}

void RunReader::check_format() const {
  std::string format;
  if (hdf5::has_attribute(calls_, file_.get(), run_tree::format_key))
    hdf5::read_attribute(calls_, file_.get(), run_tree::format_key, format);
  if (format != run_tree::format_name) calls_.fail("is not the run.h5 of a run of duel");
  int64_t version = 0;
  hdf5::read_attribute(calls_, file_.get(), run_tree::version_key, version);
  if (version > run_tree::version)
    calls_.fail(fmt::format("the run has format {}; this program knows formats up to {}", version, run_tree::version),
                "use the newer version of duel that wrote it");
}

template <class T>
std::vector<T> RunReader::column(const Series& series, int64_t count) const {
  if (series.row().rank() != 0 || static_cast<uint64_t>(count) > file_size_)
    calls_.fail("a series has more rows than the file has bytes, or rows of more than one value");
  std::vector<T> values(static_cast<std::size_t>(count));
  series.read(calls_, 0, count, values.data());
  return values;
}

// The first `count` steps, less those at the end that a killed writer had announced but not written.
std::vector<int64_t> RunReader::written_steps(const Series& series, int64_t count) const {
  std::vector<int64_t> steps = column<int64_t>(series, count);
  steps.erase(std::find_if(steps.begin(), steps.end(), [](int64_t step) { return step < 0; }), steps.end());
  return steps;
}

RunRecords RunReader::records() const {
  RunRecords records;
  records.experiment = hdf5::read_texts(calls_, file_.get(), run_tree::experiment);
  records.provenance = hdf5::read_texts(calls_, file_.get(), run_tree::provenance);
  records.resumes = resumes();
  for (const std::string& name : sample_names()) records.sample_steps[name] = samples(name).steps;

  // The writer appends the step last, so the steps are opened first: what they count is there in all other series.
  const Handle group = hdf5::open_group(calls_, file_.get(), run_tree::metrics);
  const Series steps = Series::open(calls_, group.get(), run_tree::step, Element::int64);
  const Series times = Series::open(calls_, group.get(), run_tree::time, Element::float64);
  std::map<std::string, Series> series;
  int64_t count = std::min(steps.rows(), times.rows());
  for (const std::string& name : hdf5::link_names(calls_, group.get())) {
    if (name == run_tree::step || name == run_tree::time) continue;
    const auto added = series.emplace(name, Series::open(calls_, group.get(), name, Element::float64)).first;
    count = std::min(count, added->second.rows());
  }
  records.steps = written_steps(steps, count);
  count = static_cast<int64_t>(records.steps.size());
  records.seconds = column<double>(times, count);
  for (const auto& [name, one] : series) records.metrics[name] = column<double>(one, count);

  if (!hdf5::has_link(calls_, file_.get(), run_tree::evaluations)) return records;  // older than evaluations
  const Handle entry = hdf5::open_group(calls_, file_.get(), run_tree::evaluations);
  for (const std::string& name : hdf5::link_names(calls_, entry.get())) {
    records.evaluations[name] = evaluation(entry.get(), name);
  }
  return records;
}

std::vector<std::map<std::string, std::string>> RunReader::resumes() const {
  std::vector<std::map<std::string, std::string>> out;
  if (!hdf5::has_link(calls_, file_.get(), run_tree::resumes)) return out;  // older than them
  const Handle group = hdf5::open_group(calls_, file_.get(), run_tree::resumes);
  while (hdf5::has_link(calls_, group.get(), std::to_string(out.size() + 1))) {
    out.push_back(hdf5::read_texts(calls_, group.get(), std::to_string(out.size() + 1)));
  }
  return out;
}

RunRecords::Evaluation RunReader::evaluation(hdf5::Id entry, const std::string& name) const {
  const std::vector<std::string> names = EvaluationSeries::metric_names(calls_, entry, name);
  const EvaluationSeries series(calls_, entry, name, names);
  RunRecords::Evaluation out;
  out.steps = written_steps(series.steps(), series.rows());
  const auto count = static_cast<int64_t>(out.steps.size());
  if (!names.empty() && static_cast<uint64_t>(count) > file_size_ / text_bytes) {
    calls_.fail(fmt::format("the evaluation '{}' has more records than the file has room for", name));
  }
  out.seconds = column<double>(series.times(), count);
  std::vector<std::vector<StoredScore>> scores = series.read(calls_, count);
  for (std::size_t i = 0; i < names.size(); ++i) out.metrics[names[i]] = std::move(scores[i]);
  return out;
}

std::vector<std::string> RunReader::sample_names() const {
  const Handle group = hdf5::open_group(calls_, file_.get(), run_tree::samples);
  return hdf5::link_names(calls_, group.get());
}

RunReader::Samples RunReader::samples(const std::string& name) const {
  const Handle all = hdf5::open_group(calls_, file_.get(), run_tree::samples);
  const Handle group = hdf5::open_group(calls_, all.get(), name);
  const Series steps = Series::open(calls_, group.get(), run_tree::step, Element::int64);
  Samples samples{Series::open(calls_, group.get(), run_tree::picture, Element::uint8),
                  Series::open(calls_, group.get(), run_tree::values, Element::float32),
                  {}};
  samples.steps = written_steps(steps, std::min({steps.rows(), samples.pictures.rows(), samples.values.rows()}));
  return samples;
}

void for_each_snapshot(const std::filesystem::path& path, const std::string& name, const SeeSnapshot& see) {
  const RunReader reader(path);
  const RunReader::Samples samples = reader.samples(name);
  const Shape& row = samples.values.row();
  if (row.rank() == 0) reader.calls().fail(fmt::format("the samples '{}' have no rows", name));
  std::vector<float> values(static_cast<std::size_t>(row.elements()));
  for (std::size_t i = 0; i < samples.steps.size(); ++i) {
    samples.values.read(reader.calls(), static_cast<int64_t>(i), 1, values.data());
    see(samples.steps[i], row[0], values);
  }
}

RunRecords read_run(const std::filesystem::path& path) { return RunReader(path).records(); }

}  // namespace duel
