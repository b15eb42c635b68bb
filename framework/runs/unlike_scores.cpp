#include "runs/unlike_scores.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace duel {
namespace {

constexpr std::size_t most_names = 6;

std::string first_names(const std::vector<std::string>& runs) {
  const auto end = runs.begin() + static_cast<std::ptrdiff_t>(std::min(runs.size(), most_names));
  const std::string names = fmt::format("{}", fmt::join(runs.begin(), end, ", "));
  return runs.size() <= most_names ? names : fmt::format("{} and {} more", names, runs.size() - most_names);
}

}  // namespace

std::optional<UnlikeScores> unlike_scores(const std::string& metric, std::span<const RecordOfRun> records) {
  if (records.empty()) return std::nullopt;
  const RecordOfRun& reference = records.front();
  UnlikeScores unlike{metric, reference.run, {}};
  for (const RecordOfRun& other : records.subspan(1)) {
    const auto found = differences(reference.record, other.record);
    if (found.empty()) continue;
    auto same = std::ranges::find(unlike.others, found, &UnlikeScores::Others::differences);
    if (same == unlike.others.end()) same = unlike.others.insert(same, {{}, found});
    same->runs.push_back(other.run);
  }
  return unlike.others.empty() ? std::nullopt : std::optional(std::move(unlike));
}

std::vector<UnlikeScores> unlike_scores(const std::vector<const RunEntry*>& runs, const std::vector<RunMetric>& metrics,
                                        Choice choice) {
  std::vector<UnlikeScores> all;
  for (const RunMetric& metric : metrics) {
    std::vector<RecordOfRun> records;
    for (const RunEntry* run : runs) {
      const auto value = chosen_value(*run, metric, choice);
      if (value && value->record) records.push_back({run->folder.string(), *value->record});
    }
    if (auto unlike = unlike_scores(metric.name, records)) all.push_back(std::move(*unlike));
  }
  return all;
}

std::vector<std::string> descriptions(const UnlikeScores& unlike) {
  std::vector<std::string> kinds;
  for (const UnlikeScores::Others& others : unlike.others) {
    kinds.push_back(fmt::format("{} of {} is not comparable with that of {}: {}", unlike.metric,
                                first_names(others.runs), unlike.reference, fmt::join(others.differences, "; ")));
  }
  return kinds;
}

std::string describe(const UnlikeScores& unlike, const std::string& separator) {
  return fmt::format("{}", fmt::join(descriptions(unlike), separator));
}

}  // namespace duel
