#include "store/run_copy.hpp"

#include <algorithm>
#include <limits>

namespace duel {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr const char* remedy = "resume the run with the experiment that it was started with";

void check_rising(const RunReader& old, const std::string& what, const std::vector<int64_t>& steps) {
  if (std::ranges::adjacent_find(steps, std::greater_equal()) != steps.end()) {
    old.calls().fail(fmt::format("the steps of its {} do not rise", what));
  }
}

// How many of the rising steps are kept.
std::size_t kept_of(const std::vector<int64_t>& steps, int64_t last) {
  return static_cast<std::size_t>(std::ranges::upper_bound(steps, last) - steps.begin());
}

// The old column of each name; null for one that the old file does not have.
template <class Column>
std::vector<const Column*> columns_of(const std::map<std::string, Column>& from,
                                      const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) {
    const auto found = from.find(name);
    columns.push_back(found == from.end() ? nullptr : &found->second);
  }
  return columns;
}

void copy_metrics(const RunReader& old, const RunRecords& records, const RunLayout& layout, int64_t last, RunFile& to) {
  const auto columns = columns_of(records.metrics, layout.metrics);
  check_rising(old, "metrics", records.steps);
  std::vector<double> values(columns.size());
  for (std::size_t i = 0; i < kept_of(records.steps, last); ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k) values[k] = columns[k] == nullptr ? missing : (*columns[k])[i];
    to.append_metrics(records.steps[i], records.seconds[i], values);
  }
}

void copy_samples(const RunReader& old, const RunLayout::Samples& sample, std::size_t which, int64_t last,
                  RunFile& to) {
  const RunReader::Samples from = old.samples(sample.name);
  if (from.pictures.row() != sample.picture || from.values.row() != sample.values) {
    old.calls().fail(
        fmt::format("the sample '{}' has pictures of {} and values of {}, but the experiment has {} and {}",
                    sample.name, to_string(from.pictures.row()), to_string(from.values.row()),
                    to_string(sample.picture), to_string(sample.values)),
        remedy);
  }
  check_rising(old, "samples", from.steps);
  std::vector<uint8_t> picture(static_cast<std::size_t>(sample.picture.elements()));
  std::vector<float> values(static_cast<std::size_t>(sample.values.elements()));
  for (std::size_t i = 0; i < kept_of(from.steps, last); ++i) {
    from.pictures.read(old.calls(), static_cast<int64_t>(i), 1, picture.data());
    from.values.read(old.calls(), static_cast<int64_t>(i), 1, values.data());
    to.append_sample(which, from.steps[i], picture, values);
  }
}

void copy_evaluation(const RunReader& old, const RunRecords::Evaluation& from, const RunLayout::Evaluations& evaluation,
                     std::size_t which, int64_t last, RunFile& to) {
  const auto columns = columns_of(from.metrics, evaluation.metrics);
  check_rising(old, "evaluations", from.steps);
  std::vector<StoredScore> scores(columns.size());
  for (std::size_t i = 0; i < kept_of(from.steps, last); ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      scores[k] = columns[k] == nullptr ? StoredScore{missing, {}, {}, {}} : (*columns[k])[i];
    }
    to.append_evaluation(which, from.steps[i], from.seconds[i], scores);
  }
}

// Where in the layout the old file's series of that name goes; behind all for one that it does not have.
template <class Declared>
std::size_t place_of(const std::vector<Declared>& all, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(all, name, &Declared::name) - all.begin());
}

template <class Column>
void add_names(std::vector<std::string>& names, const std::map<std::string, Column>& columns) {
  for (const auto& [name, column] : columns) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
}

}  // namespace

RunLayout with_kept(const RunReader& old, RunLayout layout) {
  const RunRecords records = old.records();
  add_names(layout.metrics, records.metrics);
  for (const auto& [name, evaluation] : records.evaluations) {
    auto kept = std::ranges::find(layout.evaluations, name, &RunLayout::Evaluations::name);
    if (kept == layout.evaluations.end()) kept = layout.evaluations.insert(kept, {name, {}});
    add_names(kept->metrics, evaluation.metrics);
  }
  return layout;
}

void copy_records(const RunReader& old, const RunLayout& layout, int64_t last, RunFile& to) {
  const RunRecords records = old.records();
  copy_metrics(old, records, layout, last, to);
  for (const std::string& name : old.sample_names()) {
    const std::size_t which = place_of(layout.samples, name);
    if (which == layout.samples.size()) {
      old.calls().fail(fmt::format("holds the sample '{}', which the experiment no longer has", name), remedy);
    }
    copy_samples(old, layout.samples[which], which, last, to);
  }
  for (const auto& [name, evaluation] : records.evaluations) {
    const std::size_t which = place_of(layout.evaluations, name);
    copy_evaluation(old, evaluation, layout.evaluations[which], which, last, to);
  }
}

}  // namespace duel
