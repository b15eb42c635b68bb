#include "model/evaluator.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "graph/op.hpp"
#include "ops/ops.hpp"

namespace duel {
namespace {

[[noreturn]] void fail_at(const Position& where, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::experiment, Problem{where, {}, what, remedy, {}});
}
[[noreturn]] void fail_at(const Expression& expression, const std::string& what, const std::string& remedy = {}) {
  fail_at(expression.where, what, remedy);
}

// What may be said by name in a call of the network.
std::vector<std::string> input_names(const NetworkSpec& network) {
  std::vector<std::string> names{"mode"};
  for (const auto& [name, shape] : network.inputs) names.push_back(name);
  return names;
}

Mode mode_of(const Expression& argument) {
  if (argument.dotted() == "train") return Mode::train;
  if (argument.dotted() == "inference") return Mode::inference;
  fail_at(argument, fmt::format("'{}' is no mode", argument.text), "one of: train, inference");
}

// The call's arguments in the order of the network's inputs.
std::vector<const Expression*> network_arguments(const Expression& call, const NetworkSpec& network) {
  std::vector<const Expression*> arguments(network.inputs.size(), nullptr);
  if (call.children.size() > arguments.size()) {
    fail_at(call, fmt::format("{} takes {} input{}, {} are given", call.name, arguments.size(),
                              arguments.size() == 1 ? "" : "s", call.children.size()));
  }
  for (std::size_t i = 0; i < call.children.size(); ++i) arguments[i] = &call.children[i];
  for (const auto& [name, where, value] : call.named) {
    if (name == "mode") continue;
    const auto input = std::find_if(network.inputs.begin(), network.inputs.end(),
                                    [&key = name](const auto& candidate) { return candidate.first == key; });
    if (input == network.inputs.end()) {
      fail_at(where, fmt::format("{} has no input '{}'", call.name, name), suggestion(name, input_names(network)));
    }
    const Expression*& slot = arguments[static_cast<std::size_t>(input - network.inputs.begin())];
    if (slot != nullptr) fail_at(where, fmt::format("the input '{}' is given twice", name));
    slot = &value;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == nullptr) {
      fail_at(call, fmt::format("the input '{}' of {} is missing", network.inputs[i].first, call.name));
    }
  }
  return arguments;
}

void check_input(const Expression& argument, const NetworkSpec& network, const std::string& input, const Shape& wanted,
                 const Shape& given) {
  if (given.rank() > 0 && given.without_first() == wanted) return;
  fail_at(argument, fmt::format("the input '{}' of {} has the shape {} without the batch; here it is given {}", input,
                                network.name, to_string(wanted),
                                given.rank() == 0 ? "a scalar" : to_string(given.without_first())));
}

}  // namespace

int64_t Evaluator::rows(const std::optional<int64_t>& asked) const {
  return settings_.rows_of_sample.value_or(asked.value_or(settings_.batch));
}

void assign_states(GraphParts& parts, const NextStates& next) {
  for (const auto& [variable, value] : next) {
    if (parts.states_set.insert(variable).second) parts.out.graph.assign(variable, value.id());
  }
}

Tensor Evaluator::evaluate(const Expression& expression) { return result_of(expression).value; }

Tensor Evaluator::number(const Schedule& schedule) {
  if (schedule.counts_updates()) {
    throw UserError(ExitCode::experiment, "a schedule counts the updates of a player here, where there is none",
                    "count by: step or by: epoch");
  }
  return number_of(schedule, {});
}

Tensor Evaluator::row_count(const Schedule& share, int64_t rows) {
  if (share.counts_updates()) return number(share);  // refuses it
  return number_of(share, {}, rows);
}

// With `share_of`, the count of rows that the schedule's value is the share of.
Tensor Evaluator::number_of(const Schedule& schedule, const PlayerClock& player, int64_t share_of) {
  const auto value = [&schedule, share_of](const Clock& clock) {
    const double now = schedule.at(clock);
    return share_of == 0 ? now : static_cast<double>(rows_of_share(now, share_of));
  };
  if (schedule.is_constant()) return constant(graph(), value({}));
  const int64_t updates_before = schedule.counts_updates() ? player.updates_before : 0;
  Tensor& known = parts_.schedules[{&schedule, updates_before, share_of}];
  if (!known) {
    const std::string input = fmt::format("schedules/{}", parts_.schedules.size() - 1);
    known = Tensor(graph(), graph().input(input, {}));
    parts_.out.numbers.push_back({input, value, player.player, updates_before});
  }
  return known;
}

std::string Evaluator::next_stream(const std::string& name) {
  return fmt::format("{}{}/{}#{}", settings_.stream_prefix, scope_.stream, name, scope_.count++);
}

RandomSource Evaluator::random(const std::string& name, bool each_turn) {
  const uint64_t key = stream_key(parts_.experiment.seed, parts_.options.attempt, next_stream(name));
  return {key, each_turn ? settings_.turn : 0, each_turn ? settings_.repeat : 0};
}

std::string Evaluator::state_name(const std::string& name) const {
  return fmt::format("states/{}/{}", scope_.owner.path, name);
}

Tensor Evaluator::state(const std::string& name, const Shape& shape, double initial) {
  if (!settings_.trains && !scope_.owner.path.starts_with("values/")) {
    throw UserError(ExitCode::experiment, "only what training computes is remembered from step to step",
                    "write it under `values:`, and here that value's name");
  }
  const std::string variable = state_name(name);
  VariableStart start{variable, shape, nullptr, {}, initial, variable};
  start.is_state_of_value = true;
  parts_.starts.declare(graph(), start, scope_.where);
  return Tensor(graph(), graph().find_variable(variable)->initial);
}

void Evaluator::set_state_later(const std::string& name, std::function<Tensor()> next) {
  const std::string variable = state_name(name);
  if (!settings_.trains || parts_.states_set.contains(variable)) return;
  later_.push_back({variable, scope_.owner.path, scope_.where, scope_.path, std::move(next)});
}

// Runs `compute` with stream names of its own, and gives errors without a place the one of what is computed.
template <class Compute>
auto Evaluator::within(const std::string& stream, const Position& where, const std::string& path, Compute&& compute) {
  const Scope outer = std::exchange(scope_, Scope{stream, 0, {stream, {}}, where, path});
  try {
    auto result = compute();
    scope_ = outer;
    return result;
  } catch (const ShapeError& error) {
    rethrow_at(error, where, path);
  } catch (const UserError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (problem.where.file.empty()) problem.where = where;
      if (problem.path.empty()) problem.path = path;
    }
    throw UserError(error.code(), std::move(problems));
  }
}

void Evaluator::compute_states() {
  const auto executed = parts_.executed;
  const auto pending = pending_;
  const auto order = pending_order_;
  for (std::size_t i = 0; i < later_.size(); ++i) {  // what is computed here may have states of its own
    const LaterState later = later_[i];
    next_states_[later.variable] = within(later.owner, later.where, later.path, later.next);
  }
  later_.clear();
  parts_.executed = executed;
  pending_ = pending;
  pending_order_ = order;
}

Tensor Evaluator::value(const ValueSpec& spec) { return result_of_value(spec).value; }

Evaluator::Result Evaluator::result_of_value(const ValueSpec& spec) {
  const auto found = values_.find(spec.name);
  if (found != values_.end()) return found->second;
  Result result = within("values/" + spec.name, spec.where, spec.path, [&] { return result_of(spec.expression); });
  values_[spec.name] = result;
  return result;
}

Tensor Evaluator::evaluate_at(const Expression& expression, const Position& where, const std::string& path,
                              const std::string& stream) {
  return within(stream.empty() ? path : stream, where, path, [&] { return evaluate(expression); });
}

Tensor Evaluator::term(const TermSpec& term, const PlayerClock& player) {
  player_ = player.player;
  return within(term.path, term.where, term.path, [&] {
    const Tensor value = term.loss->build(*this);
    if (value.shape().elements() != 1) {
      throw ShapeError(
          fmt::format("a loss must be one number, {} gives the shape {}", term.kind, to_string(value.shape())));
    }
    const Tensor scalar = reshape(value, {});
    const double every = static_cast<double>(term.loss->every);
    if (term.loss->weight->is_constant()) return scalar * (term.loss->weight->at({}) * every);
    return scalar * number_of(*term.loss->weight, player) * every;
  });
}

Evaluator::Result Evaluator::result_of(const Expression& expression) {
  using Kind = Expression::Kind;
  switch (expression.kind) {
    case Kind::number:
      return {constant(graph(), expression.number), {}};
    case Kind::name: {
      const ValueSpec* spec = parts_.experiment.find_value(expression.name);
      if (spec == nullptr) fail_at(expression, fmt::format("no value is called '{}'", expression.name));
      return result_of_value(*spec);
    }
    case Kind::member: {
      const std::string of = expression.children[0].dotted();
      if (of == "data" || of == "data.test") return {data_field(expression, of != "data"), {}};
      const Result base = result_of(expression.children[0]);
      const auto output = base.outputs.find(expression.name);
      if (output == base.outputs.end()) {
        fail_at(expression, fmt::format("'{}' has no output '{}'", expression.children[0].text, expression.name),
                "name it in the network's `outputs`");
      }
      return {output->second, {}};
    }
    case Kind::call:
      return call(expression);
    case Kind::list:
      fail_at(expression, "a list is no value", "lists are arguments of functions that take shapes or numbers");
    default: {
      std::vector<Tensor> operands;
      for (const Expression& child : expression.children) operands.push_back(evaluate(child));
      return {combine(expression, operands), {}};
    }
  }
}

Evaluator::Result Evaluator::call(const Expression& expression) {
  if (expression.schedule != nullptr) return {number(*expression.schedule), {}};
  if (expression.function != nullptr) return {function_call(expression), {}};
  const std::size_t dot = expression.name.find('.');
  const NetworkSpec* network = parts_.experiment.find_network(expression.name.substr(0, dot));
  if (network == nullptr) fail_at(expression, fmt::format("no network is called '{}'", expression.name));
  return network_call(expression, *network, dot != std::string::npos);
}

// Errors that have no place are the call's.
Tensor Evaluator::function_call(const Expression& expression) {
  const int number = scope_.owner.calls[expression.name]++;
  std::string path = fmt::format("{}/{}", scope_.owner.path, expression.name);
  if (number > 0) path += fmt::format("#{}", number);
  Owner outer = std::exchange(scope_.owner, Owner{std::move(path), {}});
  try {
    const Tensor value = expression.function->build(*this);
    scope_.owner = std::move(outer);
    return value;
  } catch (const ShapeError& error) {
    fail_at(expression, error.what());
  } catch (const UserError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (problem.where.file.empty()) problem.where = expression.where;
    }
    throw UserError(error.code(), std::move(problems));
  }
}

Evaluator::Result Evaluator::network_call(const Expression& expression, const NetworkSpec& network, bool average) {
  Mode mode = settings_.default_mode;
  for (const Expression::Argument& argument : expression.named) {
    if (argument.name == "mode") mode = mode_of(argument.value);
  }
  std::vector<Tensor> inputs;
  const auto arguments = network_arguments(expression, network);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& [input, shape] = network.inputs[i];
    inputs.push_back(evaluate(*arguments[i]));
    check_input(*arguments[i], network, input, shape, inputs.back().shape());
    if (inputs[i].shape()[0] != inputs[0].shape()[0]) {
      fail_at(*arguments[i], fmt::format("the inputs of {} have {} and {} rows", network.name, inputs[0].shape()[0],
                                         inputs[i].shape()[0]));
    }
  }
  const std::string stream = next_stream("call");
  NetworkResult result = emit(network, average, mode, stream, inputs);
  if (mode == Mode::train && !parts_.executed.contains({stream, result.value.id()})) {
    parts_.executed.insert({stream, result.value.id()});
    for (const StateUpdate& update : result.updates) {
      if (!pending_.contains(update.variable)) pending_order_.push_back(update.variable);
      pending_[update.variable] = update.value;
    }
  }
  return {result.value, std::move(result.outputs)};
}

NetworkResult Evaluator::emit(const NetworkSpec& network, bool average, Mode mode, const std::string& stream,
                              std::span<const Tensor> inputs) {
  const auto random_source = [&](const std::string& name) {
    return RandomSource{stream_key(parts_.experiment.seed, parts_.options.attempt, name), settings_.turn,
                        settings_.repeat};
  };
  const NetworkCall call{network,
                         average,
                         mode,
                         stream,
                         random_source,
                         [&](const Schedule& schedule) { return number(schedule); },
                         settings_.standing_decay};
  NetworkResult result = emit_network(graph(), parts_.starts, call, inputs, pending_);
  if (average) return result;
  weights_[network.name] = result.weights;
  std::vector<MatrixName>& matrices = matrices_[network.name];
  matrices.clear();
  for (const EmittedLayer& layer : result.layers) {
    for (const std::string& variable : layer.matrices) matrices.push_back({variable, layer.output_axis});
  }
  return result;
}

// Calls a network that this turn has not called so far on stand-ins, for its weights; nobody uses the result, so it is
// not computed.
void Evaluator::declare_weights(const NetworkSpec& network) {
  if (weights_.contains(network.name)) return;
  std::vector<Tensor> inputs;
  for (const auto& [input, shape] : network.inputs) {
    inputs.push_back(random_uniform(graph(), RandomSource{}, shape.prepend(batch())));
  }
  emit(network, false, Mode::inference, "weights_of", inputs);
}

std::vector<NetworkWeight> Evaluator::weights_of(const std::string& name) {
  const Experiment& experiment = parts_.experiment;
  const NetworkSpec* network = experiment.find_network(name);
  if (network == nullptr) {
    std::vector<std::string> known;
    for (const NetworkSpec& candidate : experiment.networks) known.push_back(candidate.name);
    throw UserError(ExitCode::experiment, fmt::format("no network is called '{}'", name), suggestion(name, known));
  }
  const PlayerSpec* player = experiment.find_player(player_);
  DUEL_CHECK(player != nullptr, "the weights of {} are asked for outside of any term", name);
  if (std::ranges::find(player->updates, name) == player->updates.end()) {
    throw UserError(ExitCode::experiment,
                    fmt::format("the player '{}' does not update '{}', so it would not move", player_, name),
                    "put the term into the loss of a player that does");
  }
  declare_weights(*network);
  std::vector<NetworkWeight> weights;
  for (const auto& [variable, output_axis] : matrices_.at(name)) {
    weights.push_back({variable, Tensor(graph(), graph().find_variable(variable)->latest), output_axis});
  }
  return weights;
}

Tensor Evaluator::data_field(const Expression& expression, bool test) {
  if (test && !settings_.test_data) {
    fail_at(expression, "data.test is never trained on", "it may stand in `evaluate` and `sample`");
  }
  const DataSpec& data = parts_.experiment.data;
  if (!test && data.train == nullptr && data.test != nullptr) {
    fail_at(expression, "the experiment has no training data", "data.test may stand in `evaluate` and `sample`");
  }
  const auto& fields = parts_.options.fields;
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const DataField& candidate) { return candidate.name == expression.name; });
  if (field == fields.end()) {
    std::vector<std::string> known;
    known.reserve(fields.size());
    for (const DataField& candidate : fields) known.push_back(candidate.name);
    std::string remedy = suggestion(expression.name, known);
    if (remedy.empty()) remedy = fmt::format("it has: {}", fmt::join(known, ", "));
    fail_at(expression, fmt::format("the data has no field '{}'", expression.name), remedy);
  }
  const int64_t draw = settings_.repeat;
  const std::string input = fmt::format("data.{}{}#{}", test ? "test." : "", field->name, draw);
  const auto same = [&](const DataInput& known) { return known.input == input; };
  if (std::none_of(parts_.out.data.begin(), parts_.out.data.end(), same)) {
    parts_.out.data.push_back({input, field->name, draw, test});
  }
  return Tensor(graph(), graph().input(input, field->shape.prepend(rows(std::nullopt))));
}

Tensor Evaluator::combine(const Expression& expression, std::span<const Tensor> operands) {
  using Kind = Expression::Kind;
  const Tensor& a = operands[0];
  if (expression.kind == Kind::negate) return -a;
  const Tensor& b = operands[1];
  try {
    switch (expression.kind) {
      case Kind::add:
        return a + b;
      case Kind::subtract:
        return a - b;
      case Kind::multiply:
        return a * b;
      case Kind::divide:
        return a / b;
      case Kind::greater:
        return greater(a, b);
      case Kind::greater_equal:
        return greater_equal(a, b);
      case Kind::less:
        return less(a, b);
      case Kind::less_equal:
        return less_equal(a, b);
      case Kind::equal:
        return equal(a, b);
      default:
        return not_equal(a, b);
    }
  } catch (const ShapeError& error) {
    fail_at(expression, error.what());
  }
}

std::set<std::string> Evaluator::computed() const {
  std::set<std::string> names;
  for (const auto& [name, result] : values_) names.insert(name);
  return names;
}

void Evaluator::commit_updates() {
  for (const std::string& variable : pending_order_) graph().assign(variable, pending_.at(variable).id());
  pending_.clear();
  pending_order_.clear();
  assign_states(parts_, next_states_);
  next_states_.clear();
}

}  // namespace duel
