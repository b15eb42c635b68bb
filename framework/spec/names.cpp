#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "spec/read.hpp"
#include "spec/readers.hpp"

namespace duel {
namespace {

// What names in expressions can mean.
class Names {
 public:
  struct Parts {
    bool training = false;
    bool test = false;
  };

  Names(const Experiment& experiment, Parts data, const Registry& registry)
      : has_data_(data.training), has_test_data_(data.test) {
    for (const ValueSpec& value : experiment.values) values_.push_back(value.name);
    for (const NetworkSpec& network : experiment.networks) callable_.push_back(network.name);
    for (const AverageSpec& average : experiment.averages) callable_.push_back(average.network + ".average");
    functions_ = registry.values.kinds();
    const auto schedules = registry.schedules.kinds();
    functions_.insert(functions_.end(), schedules.begin(), schedules.end());
  }

  void check(const Expression& expression, const std::string& path, Problems& problems) const {
    using Kind = Expression::Kind;
    // The arguments of functions were registered as expressions of their own; those of schedules name no values.
    // Where neither was made, its own problems have been told.
    if (expression.kind == Kind::call && holds(functions_, expression.name)) return;
    if (expression.kind == Kind::name) return check_name(expression, path, problems);
    if (expression.kind == Kind::member) return check_member(expression, path, problems);
    if (expression.kind == Kind::call) check_callee(expression, path, problems);
    for (const Expression& child : expression.children) check(child, path, problems);
    for (const Expression::Argument& argument : expression.named) {
      if (argument.name != "mode") check(argument.value, path, problems);
    }
  }

  // A network could never be called by the name of a function.
  void check_network(const NetworkSpec& network, Problems& problems) const {
    if (!holds(functions_, network.name)) return;
    problems.add(network.where, "networks", fmt::format("'{}' is a function of expressions", network.name),
                 "choose another name");
  }

 private:
  static bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void check_name(const Expression& expression, const std::string& path, Problems& problems) const {
    if (holds(values_, expression.name)) return;
    std::string remedy = suggestion(expression.name, values_);
    if (expression.name == "data") remedy = "write data.FIELD, such as data.image";
    if (holds(callable_, expression.name)) remedy = fmt::format("call it: {}(…)", expression.name);
    problems.add(expression.where, path, fmt::format("no value is called '{}'", expression.name), remedy);
  }

  void check_member(const Expression& expression, const std::string& path, Problems& problems) const {
    const Expression& base = expression.children.front();
    if (base.kind == Expression::Kind::name && base.name == "data") {
      const bool known = has_data_ || (has_test_data_ && expression.name == "test");
      if (!known) {
        problems.add(expression.where, path,
                     has_test_data_ ? "the experiment has no training data" : "the experiment has no data",
                     "add a `data: {train: …}` section");
      }
      return;  // whether the field exists is known when the data is opened
    }
    check(base, path, problems);
  }

  void check_callee(const Expression& expression, const std::string& path, Problems& problems) const {
    if (holds(callable_, expression.name)) return;
    std::vector<std::string> known = callable_;
    known.insert(known.end(), functions_.begin(), functions_.end());
    std::string remedy = suggestion(expression.name, known);
    const std::size_t dot = expression.name.find('.');
    if (const std::string network = expression.name.substr(0, dot);
        dot != std::string::npos && expression.name.substr(dot) == ".average" && holds(callable_, network)) {
      remedy = fmt::format("write `averages: {{{}: {{decay: 0.999}}}}` to keep one", network);
    }
    problems.add(expression.where, path, fmt::format("no network or function is called '{}'", expression.name), remedy);
  }

  std::vector<std::string> values_;
  std::vector<std::string> callable_;
  std::vector<std::string> functions_;
  bool has_data_ = false;  // to train on
  bool has_test_data_ = false;
};

// Of the data, also where they could not be read.
Names::Parts written_parts(const YamlNode& root) {
  const YamlNode* data = root.find("data");
  const auto has = [&](const char* part) { return data != nullptr && data->find(part) != nullptr; };
  return {has("train"), has("test")};
}

bool looks_back(const Expression& expression, const Registry& registry) {
  if (expression.kind != Expression::Kind::call) return false;
  const ComponentInfo* function = registry.values.find(expression.name);
  return function != nullptr && function->looks_back;
}

// The values of the same step that an expression names, those in arguments of functions included.
void collect_value_names(const Expression& expression, const Registry& registry, std::set<std::string>& out) {
  if (looks_back(expression, registry)) return;
  if (expression.kind == Expression::Kind::name) out.insert(expression.name);
  for (const Expression& child : expression.children) collect_value_names(child, registry, out);
  for (const Expression::Argument& argument : expression.named) collect_value_names(argument.value, registry, out);
}

class CycleFinder {
 public:
  CycleFinder(const Experiment& experiment, const Registry& registry) : experiment_(experiment), registry_(registry) {}

  void run(Problems& problems) {
    for (const ValueSpec& value : experiment_.values) visit(value, problems);
  }

 private:
  void visit(const ValueSpec& value, Problems& problems) {
    if (done_.contains(value.name)) return;
    const auto open = std::find(trail_.begin(), trail_.end(), value.name);
    if (open != trail_.end()) {
      std::vector<std::string> cycle(open, trail_.end());
      cycle.push_back(value.name);
      problems.add(value.where, value.path, fmt::format("the value depends on itself: {}", fmt::join(cycle, " → ")),
                   remedy(value));
      done_.insert(value.name);
      return;
    }
    trail_.push_back(value.name);
    std::set<std::string> names;
    collect_value_names(value.expression, registry_, names);
    for (const std::string& name : names) {
      const ValueSpec* used = experiment_.find_value(name);
      if (used != nullptr) visit(*used, problems);
    }
    trail_.pop_back();
    done_.insert(value.name);
  }

  std::string remedy(const ValueSpec& value) const {
    if (registry_.values.find("previous") == nullptr) return {};
    return fmt::format("where the step before is meant, write previous({})", value.name);
  }

  const Experiment& experiment_;
  const Registry& registry_;
  std::vector<std::string> trail_;
  std::set<std::string> done_;
};

void check_network_name(const std::string& name, const Experiment& experiment, const Position& where,
                        const std::string& path, Problems& problems) {
  if (experiment.find_network(name) != nullptr) return;
  std::vector<std::string> known;
  for (const NetworkSpec& network : experiment.networks) known.push_back(network.name);
  problems.add(where, path, fmt::format("no network is called '{}'", name), suggestion(name, known));
}

// Where a player's `updates` names its network of that number.
Position place_of_update(const YamlNode& root, const PlayerSpec& player, std::size_t number) {
  const YamlNode& updates = *root.find("players")->find(player.name)->find("updates");
  return updates.is_sequence() ? updates.items[number].where : updates.where;
}

}  // namespace

void check_names(const Experiment& experiment, const std::vector<std::pair<std::string, Expression>>& expressions,
                 const YamlNode& root, ReadContext context) {
  const Names names(experiment, written_parts(root), context.registry);
  for (const NetworkSpec& network : experiment.networks) names.check_network(network, context.problems);
  for (const auto& [path, expression] : expressions) names.check(expression, path, context.problems);
  CycleFinder(experiment, context.registry).run(context.problems);
  for (const PlayerSpec& player : experiment.players) {
    for (std::size_t i = 0; i < player.updates.size(); ++i) {
      check_network_name(player.updates[i], experiment, place_of_update(root, player, i),
                         fmt::format("players.{}.updates", player.name), context.problems);
    }
  }
  for (const AverageSpec& average : experiment.averages) {
    check_network_name(average.network, experiment, root.find("averages")->find_entry(average.network)->where,
                       "averages", context.problems);
  }
}

Expression read_asked_expression(const std::string& text, const std::string& option, const Experiment& experiment,
                                 const Registry& registry) {
  Problems problems;
  std::vector<std::pair<std::string, Expression>> expressions;
  ReadContext context{registry, problems, option, Preset::keras, &expressions, nullptr};
  Expression expression = read_expression(YamlNode::scalar(text), context);
  const Names names(experiment, {experiment.data.train != nullptr, experiment.data.test != nullptr}, registry);
  if (problems.empty()) {
    for (const auto& [path, inner] : expressions) names.check(inner, path, problems);
  }
  problems.throw_if_any();
  return expression;
}

}  // namespace duel
