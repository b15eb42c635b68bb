#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "search/space.hpp"
#include "yaml/path.hpp"

namespace duel {
namespace {

using Kind = Distribution::Kind;

// A distribution by the name that sweeps give it, and what else its parameter says.
struct NamedDistribution {
  std::string_view name;
  Kind kind;
  bool stepped;  // takes q
};
constexpr std::array<NamedDistribution, 9> numeric_distributions{{{"int_uniform", Kind::uniform, false},
                                                                  {"uniform", Kind::uniform, false},
                                                                  {"q_uniform", Kind::uniform, true},
                                                                  {"log_uniform_values", Kind::log_uniform, false},
                                                                  {"q_log_uniform_values", Kind::log_uniform, true},
                                                                  {"normal", Kind::normal, false},
                                                                  {"q_normal", Kind::normal, true},
                                                                  {"log_normal", Kind::log_normal, false},
                                                                  {"q_log_normal", Kind::log_normal, true}}};

std::vector<std::string> distribution_names() {
  std::vector<std::string> names{"constant", "categorical"};
  for (const NamedDistribution& known : numeric_distributions) names.emplace_back(known.name);
  return names;
}

class SpaceReader {
 public:
  SpaceReader(SearchSpace& space, Problems& problems) : space_(space), problems_(problems) {}

  // The parameters of one map. Their names stand behind `prefix`; `path` is where the map stands in the file.
  void read_map(const YamlNode& node, const std::string& prefix, const std::string& path,
                const std::optional<SearchParameter::Condition>& condition) {
    if (!node.is_map() || node.entries.empty()) {
      problems_.add(node.where, path, "expected a map of parameters, found " + describe(node),
                    "write players.generator.optimizer.adam.lr: {min: 1e-5, max: 1e-2}");
      return;
    }
    for (const YamlNode::Entry& entry : node.entries) {
      read_parameter(entry, prefix + entry.key, join_path(path, entry.key), condition);
    }
  }

 private:
  void problem(const Position& where, const std::string& path, const std::string& what, const std::string& remedy) {
    problems_.add(where, path, what, remedy);
  }

  void read_parameter(const YamlNode::Entry& entry, const std::string& key, const std::string& path,
                      const std::optional<SearchParameter::Condition>& condition) {
    const YamlNode& node = entry.value;
    if (!node.is_map()) {
      return problem(node.where, path, "expected a map, found " + describe(node),
                     "write {value: 3}, {values: [1, 2]} or {min: 0, max: 1}");
    }
    if (const YamlNode* inner = node.find("parameters")) {
      for (const YamlNode::Entry& other : node.entries) {
        if (other.key == "parameters") continue;
        problem(other.where, path, fmt::format("'{}' cannot stand beside `parameters`", other.key),
                "the names below `parameters` are the parameters");
      }
      return read_map(*inner, key + ".", join_path(path, "parameters"), condition);
    }
    if (!parse_path(key)) {
      return problem(entry.where, path, fmt::format("'{}' is no path into an experiment", key),
                     "write players.generator.optimizer.adam.lr");
    }
    if (!is_new(key, condition)) {
      return problem(entry.where, path, fmt::format("the parameter '{}' stands here twice", key), "remove one");
    }
    if (key.find('/') != std::string::npos) {
      return problem(entry.where, path, fmt::format("the name '{}' holds a '/', which tables cannot have", key),
                     "rename the key in the experiment");
    }
    if (const SearchParameter* replaced = replaced_by(key, condition)) {
      return problem(entry.where, path, fmt::format("'{}' replaces what '{}' above sets", key, replaced->key),
                     "put it first, or vary one of the two");
    }
    const std::size_t before = problems_.size();
    SearchParameter parameter{key, entry.where, read_distribution(node, path), condition};
    if (problems_.size() != before) return;
    space_.push_back(std::move(parameter));
    if (const YamlNode* when = node.find("when")) read_dependents(*when, space_.size() - 1, join_path(path, "when"));
  }

  static bool is_same_value(const YamlNode& a, const YamlNode& b) {
    if (same_content(a, b)) return true;
    if (!a.is_scalar() || !b.is_scalar() || a.quoted || b.quoted) return false;
    const auto x = parse_float(a.text), y = parse_float(b.text);
    return x && y && *x == *y;
  }

  // A name may come again under another value of the same parameter: only one of the two is there at a time.
  bool is_new(const std::string& key, const std::optional<SearchParameter::Condition>& condition) const {
    return std::ranges::none_of(space_, [&](const SearchParameter& other) {
      return other.key == key && can_be_together(other.condition, condition);
    });
  }

  static bool can_be_together(const std::optional<SearchParameter::Condition>& a,
                              const std::optional<SearchParameter::Condition>& b) {
    return !a || !b || a->parameter != b->parameter || a->value == b->value;
  }

  // A value that replaces what an earlier parameter has set below it.
  const SearchParameter* replaced_by(const std::string& key,
                                     const std::optional<SearchParameter::Condition>& condition) const {
    const auto found = std::ranges::find_if(space_, [&](const SearchParameter& other) {
      return (other.key.starts_with(key + ".") || other.key.starts_with(key + "[")) &&
             can_be_together(other.condition, condition);
    });
    return found == space_.end() ? nullptr : &*found;
  }

  void read_dependents(const YamlNode& when, std::size_t parent, const std::string& path) {
    if (!space_[parent].distribution.is_categorical()) {
      return problem(when.where, path, "only a parameter with `values` can have others that depend on it",
                     "write `values` instead of a range");
    }
    if (!when.is_map()) {
      return problem(when.where, path, "expected a map from values to parameters, found " + describe(when), {});
    }
    std::vector<std::string> known;
    // As one would write the value, without quotes that only YAML needs.
    for (const YamlNode& value : space_[parent].distribution.values) {
      known.push_back(value.is_scalar() ? value.text : to_line(value));
    }
    for (const YamlNode::Entry& entry : when.entries) {
      const auto found = std::ranges::find(known, entry.key);
      if (found == known.end()) {
        problem(entry.where, path, fmt::format("'{}' is none of the values", entry.key), suggestion(entry.key, known));
        continue;
      }
      const SearchParameter::Condition condition{parent, static_cast<double>(found - known.begin())};
      read_map(entry.value, "", join_path(path, entry.key), condition);
    }
  }

  // ---- distributions

  Distribution read_distribution(const YamlNode& node, const std::string& path) {
    const YamlNode* named = node.find("distribution");
    std::string name = named != nullptr ? named->text : implied_distribution(node);
    if (name == "log_uniform" || name == "q_log_uniform") {
      problem(named->where, path, fmt::format("{} takes the exponents of its bounds, which is easily mistaken", name),
              fmt::format("write {}_values, with the bounds themselves as min and max", name));
      return {};
    }
    if (name == "constant" || name == "categorical") return read_values(node, path, name);
    const auto known = std::ranges::find(numeric_distributions, name, &NamedDistribution::name);
    if (known != numeric_distributions.end()) return read_numbers(node, path, *known);
    if (named == nullptr) {
      problem(node.where, path, "does not say which values there are",
              "write {value: 3}, {values: [1, 2]}, {min: 0, max: 1} or a distribution");
    } else {
      const auto names = distribution_names();
      const std::string near = suggestion(name, names);
      problem(named->where, path, fmt::format("no distribution is called '{}'", name),
              near.empty() ? fmt::format("there are: {}", fmt::join(names, ", ")) : near);
    }
    return {};
  }

  static std::string implied_distribution(const YamlNode& node) {
    if (node.find("value") != nullptr) return "constant";
    if (node.find("values") != nullptr) return "categorical";
    const YamlNode* low = node.find("min");
    const YamlNode* high = node.find("max");
    if (low == nullptr && high == nullptr) return {};
    const auto whole = [](const YamlNode* bound) { return bound == nullptr || parse_integer(bound->text).has_value(); };
    return whole(low) && whole(high) ? "int_uniform" : "uniform";
  }

  // Adds a problem for each key that is none of these.
  void allow_keys(const YamlNode& node, const std::string& path, const std::string& name,
                  std::vector<std::string> allowed) {
    allowed.insert(allowed.end(), {"distribution"});
    for (const YamlNode::Entry& entry : node.entries) {
      if (std::ranges::find(allowed, entry.key) != allowed.end()) continue;
      problem(entry.where, path, fmt::format("a parameter of distribution {} has no '{}'", name, entry.key),
              suggestion(entry.key, allowed));
    }
  }

  Distribution read_values(const YamlNode& node, const std::string& path, const std::string& name) {
    Distribution out;
    const std::string key = name == "constant" ? "value" : "values";
    allow_keys(node, path, name, {key, "probabilities", "when"});
    const YamlNode* values = node.find(key);
    if (values == nullptr) {
      problem(node.where, path, fmt::format("distribution {} needs `{}`", name, key), {});
      return out;
    }
    if (name == "constant") {
      out.values = {*values};
    } else if (values->is_sequence() && !values->items.empty()) {
      out.values = values->items;
    } else {
      const bool empty = values->is_sequence();
      problem(values->where, path,
              empty ? "the list has no values" : "expected a list of values, found " + describe(*values),
              "write [32, 64]");
      return out;
    }
    for (std::size_t i = 0; i < out.values.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!is_same_value(out.values[i], out.values[j])) continue;
        problem(out.values[i].where, path, fmt::format("the value {} stands here twice", to_line(out.values[i])),
                "give it a larger share by `probabilities`");
      }
    }
    out.probabilities = read_probabilities(node.find("probabilities"), path, out.values.size());
    return out;
  }

  std::vector<double> read_probabilities(const YamlNode* node, const std::string& path, std::size_t count) {
    std::vector<double> shares(count, 1.0 / static_cast<double>(count));
    if (node == nullptr) return shares;
    if (!node->is_sequence() || node->items.size() != count) {
      problem(node->where, path, fmt::format("expected {} probabilities, one a value", count), {});
      return shares;
    }
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto share = parse_float(node->items[i].text);
      if (!share || *share <= 0) {
        problem(node->items[i].where, path, "a probability is a number above 0, not " + describe(node->items[i]), {});
        return shares;
      }
      shares[i] = *share;
      sum += *share;
    }
    if (std::abs(sum - 1) > 1e-6) {
      problem(node->where, path, fmt::format("the probabilities sum to {:.6g}, not 1", sum), "change one of them");
    }
    for (double& share : shares) share /= sum;
    return shares;
  }

  // A number under `key`; required unless there is a default.
  double number(const YamlNode& node, const std::string& path, const std::string& key,
                std::optional<double> otherwise = std::nullopt) {
    const YamlNode* value = node.find(key);
    if (value == nullptr) {
      if (!otherwise) problem(node.where, path, fmt::format("`{}` is missing", key), {});
      return otherwise.value_or(1);
    }
    const auto parsed = value->is_scalar() ? parse_float(value->text) : std::nullopt;
    if (!parsed) problem(value->where, path, fmt::format("`{}` is no number: {}", key, describe(*value)), {});
    return parsed.value_or(1);
  }

  Distribution read_numbers(const YamlNode& node, const std::string& path, const NamedDistribution& named) {
    const std::size_t before = problems_.size();
    const std::string name(named.name);
    Distribution out;
    out.kind = named.kind;
    std::vector<std::string> keys =
        out.is_normal() ? std::vector<std::string>{"mu", "sigma"} : std::vector<std::string>{"min", "max"};
    if (named.stepped) keys.emplace_back("q");
    keys.emplace_back("when");  // refused by its reader, with the reason
    allow_keys(node, path, name, keys);
    if (named.stepped) {
      out.step = number(node, path, "q", 1);
      if (out.step <= 0) problem(node.find("q")->where, path, "`q` must be above 0", {});
    }
    if (out.is_normal()) {
      out.mu = number(node, path, "mu", 0);
      out.sigma = number(node, path, "sigma", 1);
      if (out.sigma <= 0) problem(node.find("sigma")->where, path, "`sigma` must be above 0", {});
      return out;
    }
    out.low = number(node, path, "min");
    out.high = number(node, path, "max");
    if (problems_.size() != before) return out;
    if (name == "int_uniform") {
      out.step = 1;
      for (const char* key : {"min", "max"}) {
        const YamlNode* bound = node.find(key);
        if (!parse_integer(bound->text)) problem(bound->where, path, fmt::format("`{}` is no whole number", key), {});
      }
    }
    check_bounds(out, node, path);
    return out;
  }

  void check_bounds(Distribution& out, const YamlNode& node, const std::string& path) {
    if (out.low > out.high) {
      return problem(node.find("min")->where, path, "`min` is greater than `max`", "exchange them");
    }
    if (out.kind == Kind::log_uniform && out.low <= 0) {
      problem(node.find("min")->where, path, "`min` must be above 0: it has a logarithm", {});
    }
    if (out.step <= 0) return;
    // The multiples of the step that lie between the bounds, up to rounding of the bounds.
    out.low = std::ceil(out.low / out.step - 1e-9) * out.step;
    if (out.kind == Kind::log_uniform) out.low = std::max(out.low, out.step);
    out.high = std::floor(out.high / out.step + 1e-9) * out.step;
    if (out.low > out.high) problem(node.where, path, "no multiple of `q` lies between `min` and `max`", {});
  }

  SearchSpace& space_;
  Problems& problems_;
};

}  // namespace

SearchSpace read_space(const YamlNode& node, Problems& problems) {
  SearchSpace space;
  SpaceReader(space, problems).read_map(node, "", "parameters", std::nullopt);
  return space;
}

}  // namespace duel
