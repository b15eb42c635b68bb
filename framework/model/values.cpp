// Graphs of what is looked at and not trained: values at the present weights, and features.
#include <algorithm>

#include "base/text.hpp"
#include "model/evaluator.hpp"
#include "model/network.hpp"

namespace duel {
namespace {

StepGraph empty_graph(const ModelOptions& options) { return {Graph(options.dtype), {}, {}, {}, {}, {}, 0}; }

[[noreturn]] void fail_in(const NetworkSpec& network, const std::string& what, const std::string& remedy = {}) {
  throw UserError(ExitCode::experiment, Problem{network.where, "networks." + network.name, what, remedy, {}});
}

Tensor output_of(const NetworkSpec& network, const std::string& layer, const NetworkResult& result) {
  if (layer.empty()) return result.value;
  std::vector<std::string> known;
  for (const EmittedLayer& emitted : result.layers) {
    if (emitted.depth > 0) continue;
    if (emitted.name == layer) return emitted.output;
    known.push_back(emitted.name);
  }
  std::string remedy = suggestion(layer, known);
  if (remedy.empty()) remedy = fmt::format("it has: {}", fmt::join(known, ", "));
  fail_in(network, fmt::format("the network '{}' has no layer '{}'", network.name, layer), remedy);
}

}  // namespace

StepGraph build_values(const Experiment& experiment, const ModelOptions& options, const ValueRequest& request) {
  StepGraph out = empty_graph(options);
  GraphParts parts{experiment, options, out, {}, {}, {}};
  Evaluator evaluator(parts, {request.rows, 0, 0, request.stream, request.mode, request.rows, true});
  for (const auto& [name, expression] : request.outputs) {
    const Tensor value = evaluator.evaluate_at(*expression, request.where, request.path);
    if (value.rank() < 1 || value.shape()[0] != request.rows) {
      throw UserError(ExitCode::experiment,
                      Problem{request.where,
                              request.path,
                              fmt::format("{} samples are asked for, '{}' gives the shape {}", request.rows,
                                          expression->text, to_string(value.shape())),
                              {},
                              {}});
    }
    out.graph.add_output(name, value.id());
  }
  out.variables = parts.starts.all();
  out.batches = out.data.empty() ? 0 : 1;
  return out;
}

StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options, const ValueRequest& request) {
  StepGraph out = empty_graph(options);
  GraphParts parts{experiment, options, out, {}, {}, {}};
  TurnSettings settings{request.rows, 0, 0, request.stream, Mode::train, request.rows, true};
  settings.standing_decay = Tensor(out.graph, out.graph.input("standing_decay", {}));
  out.numbers.push_back({"standing_decay",
                         [](const Clock& clock) {
                           const auto passes = static_cast<double>(clock.updates);
                           return passes / (passes + 1);
                         },
                         {},
                         0});
  Evaluator evaluator(parts, settings);
  for (const auto& [name, expression] : request.outputs)
    evaluator.evaluate_at(*expression, request.where, request.path);
  evaluator.commit_updates();
  out.variables = parts.starts.all();
  const auto moves = [&](const VariableStart& start) {
    const Variable* variable = out.graph.find_variable(start.name);
    return variable->latest != variable->initial;
  };
  if (std::ranges::none_of(out.variables, moves)) {
    throw UserError(
        ExitCode::experiment,
        Problem{request.where,
                request.path,
                fmt::format("'{}' has no running statistics to be measured anew", request.outputs.front().second->text),
                "leave standing_statistics out; calls that say mode=inference keep theirs",
                {}});
  }
  out.batches = out.data.empty() ? 0 : 1;
  return out;
}

namespace {

ValueRequest standing_request(const Experiment& experiment, const std::string& stream, const Expression& value,
                              const Position& where, const std::string& path) {
  return {"standing/" + stream, Mode::train, experiment.data.batch, {{"value", &value}}, where, path};
}

}  // namespace

StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options, const SampleSpec& sample) {
  return build_standing_pass(
      experiment, options,
      standing_request(experiment, fmt::format("sample/{}/", sample.name), sample.value, sample.where, sample.path));
}

StepGraph build_standing_pass(const Experiment& experiment, const ModelOptions& options,
                              const EvaluationSpec& evaluation) {
  return build_standing_pass(experiment, options,
                             standing_request(experiment, fmt::format("evaluate/{}/", evaluation.name),
                                              *evaluation.fake, evaluation.where, evaluation.path));
}

StepGraph build_features(const Experiment& experiment, const ModelOptions& options, const NetworkSpec& network,
                         const std::string& layer, int64_t rows) {
  if (network.inputs.size() != 1) {
    fail_in(network, fmt::format("features are made by networks of one input, '{}' has {}", network.name,
                                 network.inputs.size()));
  }
  StepGraph out = empty_graph(options);
  GraphParts parts{experiment, options, out, {}, {}, {}};
  Evaluator numbers(parts, {rows, 0, 0, "features/", Mode::inference, rows, true});
  const NetworkCall call{network,
                         false,
                         Mode::inference,
                         "features",
                         [&](const std::string& name) {
                           return RandomSource{stream_key(experiment.seed, 0, name), 0, 0};
                         },
                         [&](const Schedule& schedule) { return numbers.number(schedule); }};
  const std::vector<Tensor> inputs{
      Tensor(out.graph, out.graph.input("input", network.inputs.front().second.prepend(rows)))};
  const NetworkResult result = emit_network(out.graph, parts.starts, call, inputs, {});
  const Tensor features = output_of(network, layer, result);
  if (features.rank() < 1 || features.shape()[0] != rows) {
    fail_in(network, fmt::format("the layer '{}' gives no row for each example", layer));
  }
  out.graph.add_output("features", features.id());
  out.variables = parts.starts.all();
  return out;
}

}  // namespace duel
