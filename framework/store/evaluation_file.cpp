#include "store/evaluation_file.hpp"

#include <hdf5.h>

#include "base/file.hpp"
#include "store/evaluation_series.hpp"
#include "store/hdf5_memory.hpp"
#include "store/hdf5_value.hpp"
#include "store/run_tree.hpp"

namespace duel {
namespace {

namespace fs = std::filesystem;
using hdf5::Calls;
using hdf5::Handle;

constexpr const char* format_name = "duel evaluation";
constexpr int64_t evaluation_version = 1;
constexpr const char* name_key = "name";
constexpr const char* step_key = "step";
constexpr const char* written_key = "written";
constexpr const char* values_group = "values";
constexpr uint64_t largest_file = uint64_t{1} << 28;

using Numbers = std::map<std::string, double>;

void write_numbers(const Calls& calls, hid_t file, const std::string& group_name, const Numbers& numbers) {
  const Handle group = hdf5::create_group(calls, file, group_name);
  const Handle space = calls.own(H5Screate(H5S_SCALAR), H5Sclose, "make a data space");
  const Handle properties = hdf5::dataset_properties(calls);
  for (const auto& [metric, number] : numbers) {
    const Handle dataset = calls.own(H5Dcreate2(group.get(), metric.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                                properties.get(), H5P_DEFAULT),
                                     H5Dclose, "store a score");
    calls.check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &number), "store a score");
  }
}

Numbers read_numbers(const Calls& calls, hid_t file, const std::string& group_name) {
  const Handle group = hdf5::open_group(calls, file, group_name);
  Numbers numbers;
  for (const std::string& metric : hdf5::link_names(calls, group.get())) {
    const Handle dataset = hdf5::open_plain_dataset(calls, group.get(), metric);
    const Handle space = calls.own(H5Dget_space(dataset.get()), H5Sclose, "read a score");
    const Handle type = calls.own(H5Dget_type(dataset.get()), H5Tclose, "read a score");
    if (H5Sget_simple_extent_npoints(space.get()) != 1 || H5Tget_class(type.get()) != H5T_FLOAT) {
      calls.fail(fmt::format("'{}/{}' is not one number", group_name, metric));
    }
    calls.check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &numbers[metric]),
                "read a score");
  }
  return numbers;
}

void check_format(const Calls& calls, hid_t file) {
  std::string format;
  if (hdf5::has_attribute(calls, file, run_tree::format_key)) {
    hdf5::read_attribute(calls, file, run_tree::format_key, format);
  }
  if (format != format_name) calls.fail("is no file of an evaluation");
  int64_t version = 0;
  hdf5::read_attribute(calls, file, run_tree::version_key, version);
  if (version > evaluation_version) {
    calls.fail(
        fmt::format("the evaluation has format {}; this program knows formats up to {}", version, evaluation_version),
        "use the newer version of duel that wrote it");
  }
}

// The number of a metric in a group that must have it.
double number_of(const Calls& calls, const Numbers& numbers, const std::string& metric) {
  const auto found = numbers.find(metric);
  if (found == numbers.end()) calls.fail(fmt::format("lacks a number of the metric '{}'", metric));
  return found->second;
}

}  // namespace

fs::path evaluation_path(const fs::path& folder, const std::string& name, int64_t step) {
  return folder / fmt::format("{}-step-{:06}.h5", name, step);
}

fs::path write_evaluation(const fs::path& path, const EvaluationFile& evaluation) {
  Numbers values, uncertainties, floors;
  std::map<std::string, std::string> records;
  for (const auto& [metric, score] : evaluation.scores) {
    values[metric] = score.value;
    uncertainties[metric] = or_nan(score.uncertainty);
    floors[metric] = or_nan(score.floor);
    records[metric] = score.record;
  }
  const Calls calls(path, ExitCode::storage);
  const Handle file = hdf5::create_in_memory(calls);
  hdf5::create_texts(calls, file.get(), run_tree::records, records);  // checks the names
  write_numbers(calls, file.get(), values_group, values);
  write_numbers(calls, file.get(), run_tree::uncertainty, uncertainties);
  write_numbers(calls, file.get(), run_tree::floor, floors);
  hdf5::write_attribute(calls, file.get(), run_tree::format_key, std::string_view(format_name));
  hdf5::write_attribute(calls, file.get(), run_tree::version_key, evaluation_version);
  hdf5::write_attribute(calls, file.get(), name_key, std::string_view(evaluation.name));
  hdf5::write_attribute(calls, file.get(), step_key, evaluation.step);
  hdf5::write_attribute(calls, file.get(), written_key, std::string_view(evaluation.written));
  return write_new_file_atomically(path, hdf5::image_of(calls, file.get()));
}

EvaluationFile read_evaluation(const fs::path& path) {
  const Calls calls(path, ExitCode::data);
  Bytes image = read_file(path, largest_file);
  const Handle file = hdf5::open_in_memory(calls, image);
  check_format(calls, file.get());
  EvaluationFile out;
  hdf5::read_attribute(calls, file.get(), name_key, out.name);
  hdf5::read_attribute(calls, file.get(), step_key, out.step);
  hdf5::read_attribute(calls, file.get(), written_key, out.written);
  const Numbers values = read_numbers(calls, file.get(), values_group);
  const Numbers uncertainties = read_numbers(calls, file.get(), run_tree::uncertainty);
  const Numbers floors = read_numbers(calls, file.get(), run_tree::floor);
  for (auto& [metric, record] : hdf5::read_texts(calls, file.get(), run_tree::records)) {
    out.scores[metric] = {number_of(calls, values, metric), unless_nan(number_of(calls, uncertainties, metric)),
                          unless_nan(number_of(calls, floors, metric)), record};
  }
  return out;
}

}  // namespace duel
