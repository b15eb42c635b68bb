// The series of one evaluation in run.h5. Internal to store/.
#pragma once

#include <optional>

#include "store/run_file.hpp"
#include "store/series.hpp"

namespace duel {

// What a file holds where a score lacks a number, and back.
double or_nan(const std::optional<double>& value);
std::optional<double> unless_nan(double value);

class EvaluationSeries {
 public:
  // Opens /evaluations/NAME, declared by run_tree; `entry` is /evaluations.
  EvaluationSeries(const hdf5::Calls& calls, hdf5::Id entry, const std::string& name,
                   const std::vector<std::string>& metrics);

  // Names of the metrics that the file has for an evaluation.
  static std::vector<std::string> metric_names(const hdf5::Calls& calls, hdf5::Id entry, const std::string& name);

  // One score a metric, none of the last ones that lack theirs; the step last: readers believe in as many records as
  // there are steps.
  void append(const hdf5::Calls& calls, int64_t step, double seconds, std::span<const StoredScore> scores);

  const Series& steps() const { return steps_; }
  const Series& times() const { return times_; }
  // Records that all series have: at least those whose step was seen when this was opened.
  int64_t rows() const;
  // The first `count` scores of each metric, in the order of the names. The caller has made sure that the file is large
  // enough to hold them.
  std::vector<std::vector<StoredScore>> read(const hdf5::Calls& calls, int64_t count) const;

 private:
  struct Columns {
    Series values;
    Series uncertainties;
    Series floors;
    Series records;
  };

  std::string name_;
  Series steps_;
  Series times_;
  std::vector<Columns> metrics_;
  int64_t last_step_ = -1;
};

}  // namespace duel
