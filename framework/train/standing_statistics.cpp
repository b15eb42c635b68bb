#include "train/standing_statistics.hpp"

namespace duel {
namespace {

std::vector<std::string> assigned_variables(const Graph& graph) {
  std::vector<std::string> names;
  for (const Variable& variable : graph.variables()) {
    if (variable.latest != variable.initial) names.push_back(variable.name);
  }
  return names;
}

}  // namespace

StandingStatistics::StandingStatistics(StepGraph pass, int64_t passes, const Experiment& experiment,
                                       const OpenedData& data, const Position& where, const std::string& path,
                                       const Workplace& place)
    : variables_(place.variables),
      passes_(passes),
      moved_(assigned_variables(pass.graph)),
      pass_(std::move(pass), experiment, data,
            {loader_options(experiment), experiment.data.batch, experiment.data.batch, where, path}, place) {}

StandingStatistics::Scope::Scope(StandingStatistics& statistics, const Clock& clock)
    : variables_(statistics.variables_) {
  for (const std::string& name : statistics.moved_) before_[name] = variables_.read(name);
  Clock counting = clock;
  for (counting.updates = 0; counting.updates < statistics.passes_; ++counting.updates) {
    const int64_t pass = counting.updates;
    statistics.pass_.run(static_cast<uint64_t>(pass), pass, counting);
  }
}

StandingStatistics::Scope::~Scope() {
  for (const auto& [name, values] : before_) variables_.write(name, values);
}

}  // namespace duel
