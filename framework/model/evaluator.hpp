// Computes values and losses of one turn as nodes of a graph. For framework/model's own sources.
#pragma once

#include <functional>
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
  // By the updates before, where they count, and, where it is a share of rows, their number (else 0).
  std::map<std::tuple<const Schedule*, int64_t, int64_t>, Tensor> schedules;
  // Training-mode calls that have updated their statistics, by call and result: a call runs once per set of versions.
  std::set<std::pair<std::string, NodeId>> executed;
  std::set<std::string> states_set = {};  // variables that are states of values and have their next version
};

// Of states of values, by variable: what the next step is to read.
using NextStates = std::map<std::string, Tensor>;
// Assigns those that have no next version yet.
void assign_states(GraphParts& parts, const NextStates& next);

struct TurnSettings {
  int64_t batch = 0;
  int64_t turn = 0;
  int64_t repeat = 0;
  std::string stream_prefix;                  // of random streams; samples have one of their own
  Mode default_mode = Mode::train;            // of network calls that do not say
  std::optional<int64_t> rows_of_sample;      // every source makes this many
  bool test_data = false;                     // may data.test be read? Not by what trains
  bool trains = false;                        // a turn of a step; else a sample or the like, which sets no states
  bool redraw_each_turn = true;               // is noise drawn anew for each turn of a step?
  std::optional<Tensor> standing_decay = {};  // where running statistics are averaged over passes
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
  Tensor row_count(const Schedule& share, int64_t rows) override;
  std::vector<NetworkWeight> weights_of(const std::string& network) override;
  RandomSource random(const std::string& name, bool each_turn) override;
  bool redraws_each_turn() const override { return settings_.redraw_each_turn; }
  bool trains() const override { return settings_.trains; }
  Tensor state(const std::string& name, const Shape& shape, double initial) override;
  void set_state_later(const std::string& name, std::function<Tensor()> next) override;

  // One of `values:`, computed once. Errors are UserErrors at the value.
  Tensor value(const ValueSpec& spec);
  // An expression that stands outside of `values:` (a metric, a sample), or a term: `path` names its random streams and
  // states, unless `stream` does.
  Tensor evaluate_at(const Expression& expression, const Position& where, const std::string& path,
                     const std::string& stream = "");
  Tensor term(const TermSpec& term, const PlayerClock& player);

  // The arithmetic of `expression` on its operands; a UserError at the expression when their shapes do not fit.
  static Tensor combine(const Expression& expression, std::span<const Tensor> operands);

  // Names of the values computed so far.
  std::set<std::string> computed() const;
  // Trained weights (variables) of each network called so far.
  const std::map<std::string, std::vector<std::string>>& weights() const { return weights_; }
  // Computes what the next step is to read of the states met so far. Like a metric, it only looks: calls of networks
  // that nothing else makes do not count as run.
  void compute_states();
  const NextStates& next_states() const { return next_states_; }
  // Assigns the statistics that this turn's training-mode calls computed, unless an earlier turn ran the same call, and
  // the states that no earlier turn has set.
  void commit_updates();

 private:
  struct Result {
    Tensor value;
    std::map<std::string, Tensor> outputs;
  };
  // Whose states are asked for: a value or term ("values/p"), or a function called in it ("values/p/previous").
  struct Owner {
    std::string path;
    std::map<std::string, int> calls;  // within it so far, by function
  };
  // The stream names of what is being computed: "values/z", with a count of the sources and calls within it.
  struct Scope {
    std::string stream;
    int count = 0;
    Owner owner;
    Position where;  // of the value or term
    std::string path;
  };
  struct MatrixName {
    std::string variable;
    int output_axis = -1;
  };
  struct LaterState {
    std::string variable;
    std::string owner;
    Position where;
    std::string path;
    std::function<Tensor()> next;
  };

  template <class Compute>
  auto within(const std::string& stream, const Position& where, const std::string& path, Compute&& compute);
  Result result_of(const Expression& expression);
  Result result_of_value(const ValueSpec& spec);
  Result call(const Expression& expression);
  Tensor function_call(const Expression& expression);
  Result network_call(const Expression& expression, const NetworkSpec& network, bool average);
  Tensor data_field(const Expression& expression, bool test);
  Tensor number_of(const Schedule& schedule, const PlayerClock& player, int64_t share_of = 0);
  NetworkResult emit(const NetworkSpec& network, bool average, Mode mode, const std::string& stream,
                     std::span<const Tensor> inputs);
  void declare_weights(const NetworkSpec& network);
  std::string next_stream(const std::string& name);
  std::string state_name(const std::string& name) const;

  GraphParts& parts_;
  TurnSettings settings_;
  std::map<std::string, Result> values_;
  std::map<std::string, std::vector<std::string>> weights_;
  std::map<std::string, std::vector<MatrixName>> matrices_;  // of each network called so far
  std::string player_;                                       // whose term is being computed
  std::map<std::string, Tensor> pending_;                    // statistics by variable
  std::vector<std::string> pending_order_;
  std::vector<LaterState> later_;
  NextStates next_states_;
  Scope scope_;
};

}  // namespace duel
