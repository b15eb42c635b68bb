#include "model/update.hpp"

#include <algorithm>

#include "ops/ops.hpp"

namespace duel {
namespace {

// networks/generator/dense_1/weight → generator/dense_1/weight; shared/stem/weight stays
std::string weight_path(const std::string& variable) {
  constexpr std::string_view own = "networks/";
  return variable.starts_with(own) ? variable.substr(own.size()) : variable;
}

class WeightOptimizerContext final : public OptimizerContext {
 public:
  WeightOptimizerContext(GraphParts& parts, const PlayerSpec& player, const UpdateTurn& turn,
                         const std::string& variable, const Shape& shape)
      : parts_(parts), player_(player), turn_(turn), variable_(variable), shape_(shape) {}

  Tensor state(const std::string& name, double initial) override {
    const std::string variable = state_name(name);
    return parts_.starts.declare(parts_.out.graph, {variable, shape_, nullptr, {}, initial, variable});
  }

  void set_state(const std::string& name, const Tensor& value) override {
    parts_.out.graph.assign(state_name(name), value.id());
  }

  Tensor number(const std::string& name, std::function<double(const Clock&)> value) override {
    Graph& graph = parts_.out.graph;
    const std::string input = fmt::format("optimizers/{}/{}#{}", player_.name, name, turn_.turn);
    auto& numbers = parts_.out.numbers;
    const auto same = [&](const HostNumber& number) { return number.input == input; };
    if (std::none_of(numbers.begin(), numbers.end(), same)) {
      numbers.push_back({input, std::move(value), player_.name, turn_.updates_before});
    }
    return Tensor(graph, graph.input(input, {}));
  }

 private:
  std::string state_name(const std::string& name) const {
    return fmt::format("optimizers/{}/{}/{}", player_.name, weight_path(variable_), name);
  }

  GraphParts& parts_;
  const PlayerSpec& player_;
  const UpdateTurn& turn_;
  const std::string& variable_;
  const Shape& shape_;
};

// Adds this turn's gradients to the accumulators; gives back their mean when the update is due, nothing otherwise.
std::vector<WeightGradient> accumulate(GraphParts& parts, const PlayerSpec& player, bool apply,
                                       std::vector<WeightGradient> gradients) {
  Graph& graph = parts.out.graph;
  const double share = 1.0 / static_cast<double>(player.optimizer->accumulate);
  for (WeightGradient& entry : gradients) {
    const std::string variable = fmt::format("accumulators/{}/{}", player.name, weight_path(entry.weight));
    const Shape& shape = entry.gradient.shape();
    const Tensor held = parts.starts.declare(graph, {variable, shape, nullptr, {}, 0, variable});
    const Tensor total = held + entry.gradient * share;
    graph.assign(variable, (apply ? constant(graph, 0, shape) : total).id());
    entry.gradient = total;
  }
  if (!apply) gradients.clear();
  return gradients;
}

// Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013, section 3.2; the 1e-6 is
// PyTorch's.
void clip_by_norm(std::vector<WeightGradient>& gradients, double limit) {
  Tensor total;
  for (const WeightGradient& entry : gradients) {
    const Tensor squares = sum(square(entry.gradient));
    total = total ? total + squares : squares;
  }
  if (!total) return;
  const Tensor scale = minimum(limit / (sqrt(total) + 1e-6), 1.0);
  for (WeightGradient& entry : gradients) entry.gradient = entry.gradient * scale;
}

}  // namespace

void emit_updates(GraphParts& parts, const PlayerSpec& player, const UpdateTurn& turn,
                  std::vector<WeightGradient> gradients) {
  Graph& graph = parts.out.graph;
  const Optimizer& optimizer = *player.optimizer;
  for (const WeightGradient& entry : gradients) {
    const std::string output = fmt::format("check/{}#{}/{}", player.name, turn.turn, entry.weight);
    graph.add_output(output, sum(abs(entry.gradient)).id());
    parts.out.checks.push_back(
        {output, player.name, weight_path(entry.weight), turn.turn, turn.series, entry.gradient.shape().elements()});
  }
  if (optimizer.accumulate > 1) gradients = accumulate(parts, player, turn.apply, std::move(gradients));
  if (optimizer.clip_norm) clip_by_norm(gradients, *optimizer.clip_norm);
  for (const WeightGradient& entry : gradients) {
    Tensor gradient = entry.gradient;
    if (optimizer.clip_value) gradient = maximum(minimum(gradient, *optimizer.clip_value), -*optimizer.clip_value);
    const Tensor weight(graph, graph.variable(entry.weight, gradient.shape()));
    const Shape shape = weight.shape();
    WeightOptimizerContext context(parts, player, turn, entry.weight, shape);
    Tensor next = optimizer.update(context, weight, gradient);
    if (optimizer.clip_weights) next = maximum(minimum(next, *optimizer.clip_weights), -*optimizer.clip_weights);
    graph.assign(entry.weight, next.id());
  }
}

}  // namespace duel
