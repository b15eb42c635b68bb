#include "store/evaluation_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "store/bounded_record.hpp"
#include "store/hdf5_value.hpp"
#include "store/run_tree.hpp"

namespace duel {
namespace {

using hdf5::Calls;
using hdf5::Handle;

std::vector<double> numbers(const Calls& calls, const Series& series, int64_t count) {
  std::vector<double> out(static_cast<std::size_t>(count));
  series.read(calls, 0, count, out.data());
  return out;
}

}  // namespace

double or_nan(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

std::optional<double> unless_nan(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

EvaluationSeries::EvaluationSeries(const Calls& calls, hdf5::Id entry, const std::string& name,
                                   const std::vector<std::string>& metrics)
    : name_(name) {
  const Handle group = hdf5::open_group(calls, entry, name);
  steps_ = Series::open(calls, group.get(), run_tree::step, Element::int64);
  times_ = Series::open(calls, group.get(), run_tree::time, Element::float64);
  const Handle uncertainties = hdf5::open_group(calls, group.get(), run_tree::uncertainty);
  const Handle floors = hdf5::open_group(calls, group.get(), run_tree::floor);
  const Handle records = hdf5::open_group(calls, group.get(), run_tree::records);
  for (const std::string& metric : metrics) {
    metrics_.push_back({Series::open(calls, group.get(), metric, Element::float64),
                        Series::open(calls, uncertainties.get(), metric, Element::float64),
                        Series::open(calls, floors.get(), metric, Element::float64),
                        Series::open(calls, records.get(), metric, Element::text)});
  }
  for (const Columns& columns : metrics_) {
    for (const Series* series : {&columns.values, &columns.uncertainties, &columns.floors, &columns.records}) {
      if (series->row().rank() != 0) calls.fail(fmt::format("the evaluation '{}' has rows of several values", name));
    }
  }
}

std::vector<std::string> EvaluationSeries::metric_names(const Calls& calls, hdf5::Id entry, const std::string& name) {
  const Handle group = hdf5::open_group(calls, entry, name);
  return hdf5::link_names(calls, hdf5::open_group(calls, group.get(), run_tree::records).get());
}

void EvaluationSeries::append(const Calls& calls, int64_t step, double seconds, std::span<const StoredScore> scores) {
  DUEL_CHECK(scores.size() <= metrics_.size(), "{}: {} scores of {} metrics", name_, scores.size(), metrics_.size());
  DUEL_CHECK(step > last_step_, "{}: an evaluation of step {} after one of step {}", name_, step, last_step_);
  const StoredScore none{std::numeric_limits<double>::quiet_NaN(), {}, {}, {}};
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const StoredScore& score = i < scores.size() ? scores[i] : none;
    const double uncertainty = or_nan(score.uncertainty), floor = or_nan(score.floor);
    std::string record = bounded_record(score.record, text_bytes - 1);
    record.resize(text_bytes);
    metrics_[i].values.append(calls, 1, &score.value);
    metrics_[i].uncertainties.append(calls, 1, &uncertainty);
    metrics_[i].floors.append(calls, 1, &floor);
    metrics_[i].records.append(calls, 1, record.data());
  }
  times_.append(calls, 1, &seconds);
  steps_.append(calls, 1, &step);
  last_step_ = step;
}

int64_t EvaluationSeries::rows() const {
  int64_t count = std::min(steps_.rows(), times_.rows());
  for (const Columns& columns : metrics_) {
    for (const Series* series : {&columns.values, &columns.uncertainties, &columns.floors, &columns.records}) {
      count = std::min(count, series->rows());
    }
  }
  return count;
}

std::vector<std::vector<StoredScore>> EvaluationSeries::read(const Calls& calls, int64_t count) const {
  std::vector<std::vector<StoredScore>> out;
  for (const Columns& columns : metrics_) {
    const std::vector<double> values = numbers(calls, columns.values, count);
    const std::vector<double> uncertainties = numbers(calls, columns.uncertainties, count);
    const std::vector<double> floors = numbers(calls, columns.floors, count);
    std::string texts(static_cast<std::size_t>(count) * text_bytes, '\0');
    columns.records.read(calls, 0, count, texts.data());
    std::vector<StoredScore>& scores = out.emplace_back();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string_view padded = std::string_view(texts).substr(i * text_bytes, text_bytes);
      scores.push_back({values[i], unless_nan(uncertainties[i]), unless_nan(floors[i]),
                        std::string(padded.substr(0, padded.find('\0')))});
    }
  }
  return out;
}

}  // namespace duel
