#include "tests/unit/model/game.hpp"

#include "ops/interpret.hpp"
#include "plugins/register.hpp"
#include "spec/read.hpp"
#include "tests/support/filled_registry.hpp"
#include "tests/support/refusal.hpp"

namespace duel {

std::string line_network(const std::string& name, double start) {
  return fmt::format("{}: {{inputs: {{x: [1]}}, layers: [dense: {{units: 1, bias: false, kernel_initializer: {}}}]}}",
                     name, fmt::format("{{constant: {}}}", start));
}

std::string refusal_of(const std::string& yaml, const std::vector<double>& points) {
  return refusal_of([&] { Game(yaml).step(points); }, ExitCode::experiment);
}

Game::Game(const std::string& yaml, Shape point) {
  Problems problems;
  const Document document = load_document_text(yaml, "game.yaml");
  experiment_ = std::make_unique<Experiment>(read_experiment(document, filled_registry<register_plugins>(), problems));
  problems.throw_if_any();
  options_.dtype = DType::float64;
  options_.fields = {{"point", point, 0}};
}

StepGraph Game::graph_of_step(int64_t step) const {
  return build_step(*experiment_, options_, StepCounts(*experiment_).variant(step, experiment_->data.batch));
}

void Game::start_variables(const StepGraph& graph) {
  for (const VariableStart& start : graph.variables) {
    if (variables_.contains(start.name)) continue;
    HostTensor& value = variables_[start.name];
    value = {start.shape, std::vector<double>(static_cast<std::size_t>(start.shape.elements()), start.constant)};
    if (start.initializer == nullptr) continue;
    RandomStream random(stream_key(experiment_->seed, 0, "initialize/" + start.stream));
    start.initializer->fill(value.values, start.shape, start.fans, random);
  }
}

std::map<std::string, HostTensor> Game::inputs_of(const StepGraph& graph, const std::vector<double>& points) const {
  std::map<std::string, HostTensor> inputs;
  for (const HostNumber& number : graph.numbers) {
    Clock clock{step_, experiment_->train.steps().value_or(0), 0, 0};
    if (const PlayerSpec* player = experiment_->find_player(number.player)) {
      clock.updates = StepCounts(*experiment_).updates_before(*player, step_) + number.updates_before;
    }
    inputs[number.input] = {{}, {number.value(clock)}};
  }
  for (const DataInput& data : graph.data) {
    const Shape shape = options_.fields[0].shape.prepend(experiment_->data.batch);
    const auto first = points.begin() + data.draw * shape.elements();
    DUEL_CHECK(points.end() - first >= shape.elements(), "the step draws more points than the test gives");
    inputs[data.input] = {shape, {first, first + shape.elements()}};
  }
  return inputs;
}

std::map<std::string, double> Game::step(const std::vector<double>& points) {
  const StepGraph graph = graph_of_step(step_);
  start_variables(graph);
  Interpretation done =
      interpret(graph.graph, inputs_of(graph, points), variables_, {static_cast<uint64_t>(step_), DType::float64});
  for (auto& [name, value] : done.variables) variables_[name] = std::move(value);
  ++step_;
  std::map<std::string, double> metrics;
  for (const std::string& metric : graph.metrics) metrics[metric] = done.outputs.at(metric).values.at(0);
  return metrics;
}

std::vector<double> Game::sample(std::size_t which) const {
  const StepGraph graph = build_sample(*experiment_, options_, experiment_->samples.at(which));
  return interpret(graph.graph, inputs_of(graph, {}), variables_).outputs.at("samples").values;
}

const std::vector<double>& Game::variable(const std::string& name) const { return variables_.at(name).values; }

double Game::weight(const std::string& name) const {
  const auto& values = variable(name);
  DUEL_CHECK(values.size() == 1, "{} has {} elements", name, values.size());
  return values[0];
}

}  // namespace duel
