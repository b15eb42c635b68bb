// Computes values and losses of one turn as nodes of a graph. For framework/model's own sources.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/network.hpp"
#include "model/step.hpp"

namespace duel {

// What the turns of a graph share.
struct GraphParts {
  const Experiment& experiment;
  const ModelOptions& options;
  StepGraph& out;
  VariableStarts starts;
  std::map<std::pair<const Schedule*, int64_t>, Tensor> schedules;  // by the updates before, where they count
  // Training-mode calls that have updated their statistics, by call and result: a call runs once per set of versions.
  std::set<std::pair<std::string, NodeId>> executed;
};

struct TurnSettings {
  int64_t batch = 0;
  int64_t turn = 0;
  int64_t repeat = 0;
  std::string stream_prefix;              // of random streams; samples have one of their own
  Mode default_mode = Mode::train;        // of network calls that do not say
  std::optional<int64_t> rows_of_sample;  // every source makes this many
  bool test_data = false;                 // may data.test be read? Not by what trains
  bool redraw_each_turn = true;           // is noise drawn anew for each turn of a step?
};

// Whose updates a schedule counts: those of a player, of which so many were earlier in this step.
struct PlayerClock {
  std::string player;
  int64_t updates_before = 0;
};

class Evaluator final : public ValueContext {
 public:
  Evaluator(GraphParts& parts, TurnSettings settings) : parts_(parts), settings_(std::move(settings)) {}

  Graph& graph() override { return parts_.out.graph; }
  int64_t batch() const override { return settings_.batch; }
  int64_t rows(const std::optional<int64_t>& asked) const override;
  Tensor evaluate(const Expression& expression) override;
  Tensor number(const Schedule& schedule) override;
  RandomSource random(const std::string& name, bool each_turn) override;
  bool redraws_each_turn() const override { return settings_.redraw_each_turn; }

  // One of `values:`, computed once. Errors are UserErrors at the value.
  Tensor value(const ValueSpec& spec);
  // An expression that stands outside of `values:` (a metric, a sample), or a term: `path` names its random streams.
  Tensor evaluate_at(const Expression& expression, const Position& where, const std::string& path);
  Tensor term(const TermSpec& term, const PlayerClock& player);

  // The arithmetic of `expression` on its operands; a UserError at the expression when their shapes do not fit.
  static Tensor combine(const Expression& expression, std::span<const Tensor> operands);

  // Names of the values computed so far.
  std::set<std::string> computed() const;
  // Trained weights (variables) of each network called so far.
  const std::map<std::string, std::vector<std::string>>& weights() const { return weights_; }
  // Assigns the statistics that this turn's training-mode calls computed, unless an earlier turn ran the same call.
  void commit_updates();

 private:
  struct Result {
    Tensor value;
    std::map<std::string, Tensor> outputs;
  };
  // The stream names of what is being computed: "values/z", with a count of the sources and calls within it.
  struct Scope {
    std::string stream;
    int count = 0;
  };

  template <class Compute>
  auto within(const std::string& stream, const Position& where, const std::string& path, Compute&& compute);
  Result result_of(const Expression& expression);
  Result result_of_value(const ValueSpec& spec);
  Result call(const Expression& expression);
  Result network_call(const Expression& expression, const NetworkSpec& network, bool average);
  Tensor data_field(const Expression& expression, bool test);
  Tensor number_of(const Schedule& schedule, const PlayerClock& player);
  std::string next_stream(const std::string& name);

  GraphParts& parts_;
  TurnSettings settings_;
  std::map<std::string, Result> values_;
  std::map<std::string, std::vector<std::string>> weights_;
  std::map<std::string, Tensor> pending_;  // statistics by variable
  std::vector<std::string> pending_order_;
  Scope scope_;
};

}  // namespace duel
