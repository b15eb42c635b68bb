#include "tests/unit/train/network_run.hpp"

#include "base/error.hpp"
#include "plan/plan.hpp"
#include "spec/read.hpp"
#include "tests/unit/train/plugin_registry.hpp"

namespace duel {
namespace {

Expression expression_of(const std::string& text) {
  Problems problems;
  ReadContext context{.registry = plugin_registry(), .problems = problems, .path = "test"};
  Expression expression = read_expression(YamlNode::scalar(text, {"test", 1, 1}), context);
  problems.throw_if_any();
  return expression;
}

}  // namespace

Experiment experiment_of(const std::string& yaml) {
  Problems problems;
  Experiment experiment = read_experiment(load_document_text(yaml, "e.yaml"), plugin_registry(), problems);
  problems.throw_if_any();
  return experiment;
}

NetworkRun::NetworkRun(const Experiment& experiment, const std::string& expression,
                       const std::map<std::string, HostTensor>& data, DType dtype) {
  ModelOptions options;
  options.dtype = dtype;
  for (const auto& [name, tensor] : data) options.fields.push_back({name, tensor.shape.without_first(), 0});
  SampleSpec sample;
  sample.name = "test";
  sample.value = expression_of(expression);
  sample.count = data.begin()->second.shape[0];
  const StepGraph graph = build_sample(experiment, options, sample);
  VariableStore variables;
  loaded_ = load_weights(graph.variables, dtype, variables);
  ThreadPool pool(2);
  Executable executable(make_plan(graph.graph), variables, pool);
  for (const DataInput& input : graph.data) executable.set_input(input.input, data.at(input.field).values);
  executable.run(0);
  output_ = {executable.plan().outputs.front().slot.shape, executable.read_output("samples")};
}

}  // namespace duel
