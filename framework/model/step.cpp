#include "model/step.hpp"

#include <algorithm>
#include <set>

#include "gradient/differentiate.hpp"
#include "model/average.hpp"
#include "model/evaluator.hpp"
#include "model/turns.hpp"
#include "model/update.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

class StepBuilder {
 public:
  StepBuilder(const Experiment& experiment, const ModelOptions& options, const StepVariant& variant, StepGraph& out)
      : experiment_(experiment), variant_(variant), parts_{experiment, options, out, {}, {}, {}} {}

  void build() {
    const std::vector<PlayedTurn> turns = played_turns(experiment_, variant_.phase);
    for (std::size_t first = 0; first < turns.size();) {
      std::size_t last = first;
      while (last < turns.size() && turns[last].group == turns[first].group) ++last;
      play(std::span(turns).subspan(first, last - first), first);
      first = last;
    }
    if (!experiment_.averages.empty()) update_averages();
    record_metrics();
    parts_.out.batches = batches_of_step(experiment_, variant_.phase);
    parts_.out.variables = parts_.starts.all();
  }

 private:
  const LossSpec& loss_of(const PlayedTurn& turn) const { return experiment_.players[turn.player].losses[turn.loss]; }

  Tensor total(Evaluator& evaluator, const PlayedTurn& turn) const {
    const auto updated = updates_.find(turn.player);
    const PlayerClock player{experiment_.players[turn.player].name, updated == updates_.end() ? 0 : updated->second};
    Tensor out;
    for (const TermSpec& term : loss_of(turn).terms) {
      if (!term_is_due(conditions_, variant_, term)) continue;
      const Tensor value = evaluator.term(term, player);
      out = out ? out + value : value;
    }
    return out ? out : constant(parts_.out.graph, 0);
  }

  // The turns of one group: all losses and gradients at the same weights and noise, then all updates.
  void play(std::span<const PlayedTurn> turns, std::size_t first) {
    TurnSettings settings{variant_.batch, turns[0].group, turns[0].repeat, "", Mode::train, std::nullopt};
    settings.trains = true;
    settings.redraw_each_turn = experiment_.train.phases[variant_.phase].redraw_each_turn;
    const std::set<std::string> needed = needed_values(turns, settings);
    Evaluator evaluator(parts_, settings);
    for (const ValueSpec& value : experiment_.values) {  // in file order: so are the statistics of networks updated
      if (needed.contains(value.name)) evaluator.value(value);
    }
    std::vector<std::vector<WeightGradient>> gradients;
    for (const PlayedTurn& turn : turns) {
      const Tensor loss = total(evaluator, turn);
      losses_.insert_or_assign(loss_name(experiment_, turn), loss);
      gradients.push_back(gradients_of(turn, loss, evaluator));
    }
    evaluator.compute_states();
    compute_metrics(settings, needed);
    for (std::size_t i = 0; i < turns.size(); ++i) update(turns[i], first + i, std::move(gradients[i]));
    evaluator.commit_updates();
  }

  // Which of `values:` the losses of these turns use: found by computing them once for nothing (equal nodes are shared,
  // and what nobody uses is dropped).
  std::set<std::string> needed_values(std::span<const PlayedTurn> turns, const TurnSettings& settings) {
    const auto executed = parts_.executed;
    Evaluator trial(parts_, settings);
    for (const PlayedTurn& turn : turns) total(trial, turn);
    parts_.executed = executed;
    return trial.computed();
  }

  std::vector<WeightGradient> gradients_of(const PlayedTurn& turn, const Tensor& loss, const Evaluator& evaluator) {
    Graph& graph = parts_.out.graph;
    std::vector<std::string> names;
    std::vector<Tensor> weights;
    std::set<std::string> seen;  // networks may share weights
    for (const std::string& network : experiment_.players[turn.player].updates) {
      const auto found = evaluator.weights().find(network);
      if (found == evaluator.weights().end()) continue;  // not called in this turn
      for (const std::string& weight : found->second) {
        if (!seen.insert(weight).second) continue;
        names.push_back(weight);
        weights.emplace_back(graph, graph.find_variable(weight)->latest);
      }
    }
    const std::vector<Tensor> gradients = differentiate(loss, weights);
    std::vector<WeightGradient> out;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (constant_value(gradients[i]) == 0.0) continue;  // the loss does not depend on it: it is left alone
      out.push_back({names[i], gradients[i]});
    }
    return out;
  }

  void update(const PlayedTurn& turn, std::size_t index, std::vector<WeightGradient> gradients) {
    const PlayerSpec& player = experiment_.players[turn.player];
    const bool apply = update_is_due(conditions_, variant_, index);
    emit_updates(parts_, player, {index, updates_[turn.player], apply, gradient_name(experiment_, turn)},
                 std::move(gradients));
    if (apply) ++updates_[turn.player];
  }

  // Each operand of a metric's arithmetic is taken from the first turn whose losses compute all that it names, else
  // from the first turn: with the values of that turn, before its update. Looking at a call does not count as running
  // it.
  void compute_metrics(const TurnSettings& settings, const std::set<std::string>& needed) {
    for (const ValueSpec& metric : experiment_.metrics) {
      const std::vector<const Expression*> parts = operands(metric.expression);
      for (std::size_t part = 0; part < parts.size(); ++part) {
        const Expression* operand = parts[part];
        const auto known = operands_.find(operand);
        if (known != operands_.end() && known->second.exact) continue;
        const auto executed = parts_.executed;
        Evaluator look(parts_, settings);
        const std::string stream = part == 0 ? metric.path : fmt::format("{}#{}", metric.path, part);
        const Tensor value = look.evaluate_at(*operand, metric.where, metric.path, stream);
        const std::set<std::string> uses = look.computed();
        const bool exact = std::includes(needed.begin(), needed.end(), uses.begin(), uses.end());
        look.compute_states();
        parts_.executed = executed;
        if (exact || known == operands_.end()) operands_[operand] = {value, exact, look.next_states()};
      }
    }
  }

  static bool is_arithmetic(const Expression& expression) {
    using Kind = Expression::Kind;
    return expression.kind == Kind::negate || expression.kind == Kind::add || expression.kind == Kind::subtract ||
           expression.kind == Kind::multiply || expression.kind == Kind::divide;
  }

  static std::vector<const Expression*> operands(const Expression& expression) {
    if (!is_arithmetic(expression)) return {&expression};
    std::vector<const Expression*> out;
    for (const Expression& child : expression.children) {
      for (const Expression* operand : operands(child)) out.push_back(operand);
    }
    return out;
  }

  Tensor combined(const Expression& expression) const {
    if (!is_arithmetic(expression)) return operands_.at(&expression).value;
    std::vector<Tensor> sides;
    for (const Expression& child : expression.children) sides.push_back(combined(child));
    return Evaluator::combine(expression, sides);
  }

  Tensor metric_value(const ValueSpec& metric) const {
    const Tensor value = combined(metric.expression);
    if (value.shape().elements() == 1) return value;
    throw UserError(ExitCode::experiment,
                    Problem{metric.where,
                            metric.path,
                            fmt::format("a metric must be one number, this has the shape {}", to_string(value.shape())),
                            "take its mean",
                            {}});
  }

  // Computes all values once for nothing, so that the averaged networks' weights are known in a step that does not call
  // them (a lazy term that is not due): averages go on in every step.
  std::map<std::string, std::vector<std::string>> declare_weights() {
    const auto executed = parts_.executed;
    Evaluator trial(parts_, {variant_.batch, 0, 0, "", Mode::train, std::nullopt, true, true});
    for (const ValueSpec& value : experiment_.values) trial.value(value);
    trial.compute_states();
    parts_.executed = executed;
    return trial.weights();
  }

  // average ← decay · average + (1 − decay) · weight, with decay 0 until the start.
  void update_averages() {
    Graph& graph = parts_.out.graph;
    const auto weights = declare_weights();
    for (const AverageSpec& average : experiment_.averages) {
      const std::string input = fmt::format("averages/{}/decay", average.network);
      const Tensor decay(graph, graph.input(input, {}));
      parts_.out.numbers.push_back({input,
                                    [average, batch = experiment_.data.batch](const Clock& clock) {
                                      return average_decay(average, clock.step, batch);
                                    },
                                    "", 0});
      const auto found = weights.find(average.network);
      if (found == weights.end()) continue;
      for (const std::string& name : found->second) {
        VariableStart copy = parts_.starts.find(name);
        copy.name = average_name(average.network, name);
        const Tensor held = parts_.starts.declare(graph, copy);
        const Tensor weight(graph, graph.find_variable(name)->latest);
        graph.assign(copy.name, (weight + decay * (held - weight)).id());
      }
    }
  }

  void record_metrics() {
    // Values that no loss uses go on as well where a metric shows them.
    for (const auto& [operand, result] : operands_) assign_states(parts_, result.states);
    const auto value_of = [&](const std::string& name) {
      const auto loss = losses_.find(name);
      if (loss != losses_.end()) return loss->second;
      return metric_value(*std::ranges::find(experiment_.metrics, name, &ValueSpec::name));
    };
    parts_.out.metrics = computed_names(experiment_, variant_.phase);
    for (const std::string& name : parts_.out.metrics) {
      parts_.out.graph.add_output(name, reshape(value_of(name), {}).id());
    }
  }

  struct Operand {
    Tensor value;
    bool exact = false;
    NextStates states;  // that looking at it would set
  };

  const Experiment& experiment_;
  const StepVariant& variant_;
  GraphParts parts_;
  const std::vector<Condition> conditions_ = conditions(experiment_, variant_.phase);
  std::map<std::string, Tensor> losses_;
  std::map<const Expression*, Operand> operands_;  // of the metrics
  std::map<std::size_t, int64_t> updates_;         // done in this step, by player
};

}  // namespace

StepGraph build_step(const Experiment& experiment, const ModelOptions& options, const StepVariant& variant) {
  experiment.require_training();
  StepGraph out{Graph(options.dtype), {}, {}, {}, {}, {}, 0};
  StepBuilder(experiment, options, variant, out).build();
  return out;
}

namespace {

// Are the references in a graph of their own?
bool has_references_apart(const SampleSpec& sample) {
  return sample.reference && sample.reference_count.value_or(sample.count) != sample.count;
}

ValueRequest sample_request(const SampleSpec& sample, int64_t rows) {
  return {"sample/" + sample.name + "/", sample.mode, rows, {}, sample.where, sample.path};
}

}  // namespace

StepGraph build_sample(const Experiment& experiment, const ModelOptions& options, const SampleSpec& sample) {
  ValueRequest request = sample_request(sample, sample.count);
  request.outputs.emplace_back("samples", &sample.value);
  if (sample.reference && !has_references_apart(sample)) request.outputs.emplace_back("reference", &*sample.reference);
  return build_values(experiment, options, request);
}

std::optional<StepGraph> build_reference(const Experiment& experiment, const ModelOptions& options,
                                         const SampleSpec& sample) {
  if (!has_references_apart(sample)) return std::nullopt;
  ValueRequest request = sample_request(sample, *sample.reference_count);
  request.outputs.emplace_back("reference", &*sample.reference);
  return build_values(experiment, options, request);
}

}  // namespace duel
