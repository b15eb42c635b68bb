#include "model/check.hpp"

#include <algorithm>
#include <set>

#include "graph/op.hpp"
#include "model/evaluator.hpp"
#include "model/network.hpp"
#include "model/turns.hpp"
#include "ops/ops.hpp"
#include "registry/sampler.hpp"

namespace duel {
namespace {

NetworkResult emit_alone(const NetworkSpec& network, StepGraph& scratch, int64_t batch) {
  VariableStarts starts;
  std::vector<Tensor> inputs;
  for (const auto& [name, shape] : network.inputs) {
    inputs.emplace_back(scratch.graph, scratch.graph.input(name, shape.prepend(batch)));
  }
  const NetworkCall call{network,
                         false,
                         Mode::train,
                         "check",
                         [](const std::string& name) {
                           return RandomSource{stream_key(0, 0, name), 0, 0};
                         },
                         [&](const Schedule&) { return constant(scratch.graph, 0); }};
  return emit_network(scratch.graph, starts, call, inputs, {});
}

// Runs one check; its error, if any, becomes problems.
template <class Check>
bool attempt(Problems& problems, Check&& check) {
  try {
    check();
    return true;
  } catch (const UserError& error) {
    for (const Problem& problem : error.problems()) problems.add(problem);
    return false;
  }
}

bool check_networks(const Experiment& experiment, DType dtype, Problems& problems) {
  bool good = true;
  for (const NetworkSpec& network : experiment.networks) {
    if (!network.complete) {
      good = false;
      continue;
    }
    StepGraph scratch{Graph(dtype), {}, {}, {}, {}, {}, 0};
    good = attempt(problems, [&] { emit_alone(network, scratch, 2); }) && good;
  }
  return good;
}

// A player whose loss cannot move any weight that it updates is a mistake of the experiment.
void check_players_move(const Experiment& experiment, const std::set<std::string>& moving, Problems& problems) {
  for (const PlayerSpec& player : experiment.players) {
    if (moving.contains(player.name)) continue;
    problems.add(player.where, "players." + player.name,
                 fmt::format("its losses depend on no weight of the networks that it updates ({})",
                             fmt::join(player.updates, ", ")));
  }
}

// Its values, and whether its plot can show what has their shapes.
void check_sample(const Experiment& experiment, const ModelOptions& options, const SampleSpec& sample) {
  const StepGraph graph = build_sample(experiment, options, sample);
  const std::optional<StepGraph> apart = build_reference(experiment, options, sample);
  const auto shape_of = [](const StepGraph& of, const char* output) {
    return &of.graph[std::ranges::find(of.graph.outputs(), output, &Output::name)->node].shape;
  };
  try {
    sample.plot->check(*shape_of(graph, "samples"),
                       sample.reference ? shape_of(apart ? *apart : graph, "reference") : nullptr);
  } catch (const ShapeError& error) {
    throw UserError(ExitCode::experiment, Problem{sample.where, sample.path, error.what(), {}, {}});
  }
  if (sample.standing_statistics > 0) build_standing_pass(experiment, options, sample);
}

}  // namespace

void check_experiment(const Experiment& experiment, const ModelOptions& options, Problems& problems) {
  const bool read_well = problems.empty();
  if (!check_networks(experiment, options.dtype, problems) || !read_well) return;
  StepGraph scratch{Graph(options.dtype), {}, {}, {}, {}, {}, 0};
  GraphParts parts{experiment, options, scratch, {}, {}, {}};
  Evaluator evaluator(parts, {experiment.data.batch, 0, 0, "", Mode::train, std::nullopt, true, true});
  bool values_good = true;
  for (const ValueSpec& value : experiment.values) {
    values_good = attempt(problems, [&] { evaluator.value(value); }) && values_good;
  }
  if (!values_good || !attempt(problems, [&] { evaluator.compute_states(); })) return;
  bool good = true;
  for (const PlayerSpec& player : experiment.players) {
    for (const LossSpec& loss : player.losses) {
      for (const TermSpec& term : loss.terms)
        good = attempt(problems, [&] { evaluator.term(term, {player.name, 0}); }) && good;
    }
  }
  for (const SampleSpec& sample : experiment.samples) {
    good = attempt(problems, [&] { check_sample(experiment, options, sample); }) && good;
  }
  for (const EvaluationSpec& evaluation : experiment.evaluations) {
    ValueRequest request{"evaluate/", evaluation.mode, 2, {}, evaluation.where, evaluation.path};
    for (const auto* side : {&evaluation.real, &evaluation.fake, &evaluation.real_labels, &evaluation.fake_labels}) {
      if (*side) request.outputs.emplace_back(std::to_string(request.outputs.size()), &**side);
    }
    good = attempt(problems, [&] { build_values(experiment, options, request); }) && good;
  }
  if (!good || !experiment.trains()) return;
  attempt(problems, [&] {
    std::set<std::string> moving;
    for (std::size_t phase = 0; phase < experiment.train.phases.size(); ++phase) {
      // Gradients that are zero by their structure have no check.
      const StepGraph step = build_step(experiment, options, whole_variant(experiment, experiment.data.batch, phase));
      for (const GradientCheck& check : step.checks) moving.insert(check.player);
    }
    check_players_move(experiment, moving, problems);
  });
}

std::vector<LayerRow> layer_table(const NetworkSpec& network, DType dtype) {
  StepGraph scratch{Graph(dtype), {}, {}, {}, {}, {}, 0};
  const NetworkResult result = emit_alone(network, scratch, 1);
  const Graph& graph = scratch.graph;
  const auto flops_between = [&](std::size_t first, std::size_t last) {
    double flops = 0;
    for (std::size_t index = first; index < last; ++index) {
      const Node& node = graph[NodeId{static_cast<uint32_t>(index)}];
      std::vector<Shape> shapes;
      for (const NodeId input : node.inputs) shapes.push_back(graph[input].shape);
      if (node.op->flops != nullptr) flops += node.op->flops(node, shapes);
    }
    return flops;
  };
  std::vector<LayerRow> rows;
  std::vector<std::size_t> around;  // the row of each layer around the present one
  for (const EmittedLayer& layer : result.layers) {
    const std::string indent(static_cast<std::size_t>(2 * layer.depth), ' ');
    LayerRow row{indent + layer.name, layer.kind, layer.output.shape().without_first(), 0, 0};
    for (const std::string& weight : layer.weights) row.parameters += graph.find_variable(weight)->shape.elements();
    row.flops = flops_between(layer.first_node, layer.last_node);
    // What a layer within another does stands in its own row only.
    around.resize(static_cast<std::size_t>(layer.depth));
    if (!around.empty()) rows[around.back()].flops -= row.flops;
    around.push_back(rows.size());
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace duel
