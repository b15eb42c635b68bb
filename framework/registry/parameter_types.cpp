#include "registry/parameter_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "registry/initializer.hpp"
#include "registry/registry.hpp"
#include "registry/schedule.hpp"
#include "yaml/compose.hpp"

namespace duel {
namespace {

using nlohmann::json;

bool in_range(double value, const YamlNode& node, const ReadContext& context, const ParameterInfo& info) {
  const bool low = info.exclusive_minimum ? value <= info.minimum : value < info.minimum;
  if (!low && value <= info.maximum) return true;
  const std::string bound =
      low ? fmt::format("{} {}", info.exclusive_minimum ? "more than" : "at least", format_number(info.minimum))
          : fmt::format("at most {}", format_number(info.maximum));
  context.problem(node, fmt::format("{} is out of range", node.text), "it must be " + bound);
  return false;
}

void add_range(json& schema, const ParameterInfo& info) {
  if (std::isfinite(info.minimum)) schema[info.exclusive_minimum ? "exclusiveMinimum" : "minimum"] = info.minimum;
  if (std::isfinite(info.maximum)) schema["maximum"] = info.maximum;
}

bool expected(const std::string& what, const YamlNode& node, const ReadContext& context,
              const std::string& remedy = {}) {
  context.problem(node, fmt::format("expected {}, found {}", what, describe(node)), remedy);
  return false;
}

// What to do with a text that is a number but for its spelling; else "".
std::string respelling(const YamlNode& node) {
  const std::string& text = node.text;
  if (node.quoted) return parse_float(text) ? "leave out the quotes" : "";
  const bool has_zeros = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
  const auto rest =
      has_zeros ? parse_float(text.substr(std::min(text.find_first_not_of('0'), text.size() - 1))) : std::nullopt;
  return rest ? "leave out the leading zeros" : "";
}

// What to do with a text that a person reads as a whole number: 1e4, 10_000, 8.0; else as above.
std::string respelling_as_integer(const YamlNode& node) {
  constexpr double most = 1e15;  // below, each whole number is a double
  std::string digits = node.text;
  const bool grouped = !digits.starts_with('_') && std::erase(digits, '_') > 0;
  const auto value = parse_float(digits);
  const bool is_whole = value && *value == std::floor(*value) && std::abs(*value) < most;
  if (node.quoted || !is_whole || (grouped && !parse_integer(digits))) return respelling(node);
  return fmt::format("write {}", static_cast<int64_t>(*value));
}

// Reads every item of a list, or a lone value as a list of one.
template <class Item>
bool read_items(std::vector<Item>& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info) {
  std::vector<Item> items;
  bool good = true;
  const auto read_one = [&](const YamlNode& item, ReadContext where) {
    Item value{};
    good = ParameterType<Item>::read(value, item, where, info) && good;
    items.push_back(std::move(value));
  };
  if (node.is_sequence()) {
    for (std::size_t i = 0; i < node.items.size(); ++i) read_one(node.items[i], context.child(i));
  } else {
    read_one(node, context);
  }
  if (good) out = std::move(items);
  return good;
}

template <class Item>
json list_schema(const ParameterInfo& info) {
  const json item = ParameterType<Item>::schema(info);
  return {{"anyOf", json::array({item, {{"type", "array"}, {"items", item}}})}};
}

template <class Item>
std::string print_list(const std::vector<Item>& values) {
  std::vector<std::string> parts;
  for (const Item& value : values) parts.push_back(ParameterType<Item>::print(value));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

template <class Inner>
bool read_optional(std::optional<Inner>& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info) {
  if (node.is_null()) {
    out.reset();
    return true;
  }
  Inner value{};
  if (!ParameterType<Inner>::read(value, node, context, info)) return false;
  out = std::move(value);
  return true;
}

// A schedule written as a call: linear(0.1, 0, 1000).
bool read_called(std::shared_ptr<const Schedule>& out, const YamlNode& node, ReadContext& context) {
  ReadContext own = context;
  own.expressions = nullptr;  // it can name no values
  const std::size_t before = context.problems.size();
  const Expression call = read_expression(node, own);
  if (context.problems.size() != before) return false;
  if (call.schedule == nullptr) {
    return expected("a number or a schedule", node, context, suggestion(call.name, context.registry.schedules.kinds()));
  }
  out = call.schedule;
  return true;
}

}  // namespace

// ── bool ───────────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<bool>::name() { return "true or false"; }
bool ParameterType<bool>::read(bool& out, const YamlNode& node, ReadContext& context, const ParameterInfo&) {
  const auto value = node.is_scalar() && !node.quoted ? parse_bool(node.text) : std::nullopt;
  if (!value) return expected("true or false", node, context);
  out = *value;
  return true;
}
std::string ParameterType<bool>::print(const bool& value) { return value ? "true" : "false"; }
json ParameterType<bool>::schema(const ParameterInfo&) { return {{"type", "boolean"}}; }

// ── int64_t ────────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<int64_t>::name() { return "integer"; }
bool ParameterType<int64_t>::read(int64_t& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info) {
  const auto value = node.is_scalar() && !node.quoted ? parse_integer(node.text) : std::nullopt;
  if (!value) return expected("an integer", node, context, respelling_as_integer(node));
  if (!in_range(static_cast<double>(*value), node, context, info)) return false;
  out = *value;
  return true;
}
std::string ParameterType<int64_t>::print(const int64_t& value) { return std::to_string(value); }
json ParameterType<int64_t>::schema(const ParameterInfo& info) {
  json out{{"type", "integer"}};
  add_range(out, info);
  return out;
}

// ── double ─────────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<double>::name() { return "number"; }
bool ParameterType<double>::read(double& out, const YamlNode& node, ReadContext& context, const ParameterInfo& info) {
  const auto value = node.is_scalar() && !node.quoted ? parse_float(node.text) : std::nullopt;
  if (!value) return expected("a number", node, context, respelling(node));
  if (!in_range(*value, node, context, info)) return false;
  out = *value;
  return true;
}
std::string ParameterType<double>::print(const double& value) { return format_number(value); }
json ParameterType<double>::schema(const ParameterInfo& info) {
  json out{{"type", "number"}};
  add_range(out, info);
  return out;
}

// ── text, path ─────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<std::string>::name() { return "text"; }
bool ParameterType<std::string>::read(std::string& out, const YamlNode& node, ReadContext& context,
                                      const ParameterInfo& info) {
  if (!node.is_scalar()) return expected("a text", node, context);
  const auto& choices = info.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), node.text) == choices.end()) {
    context.problem(node, fmt::format("'{}' is not possible here", node.text), suggestion(node.text, choices));
    return false;
  }
  out = node.text;
  return true;
}
std::string ParameterType<std::string>::print(const std::string& value) { return value; }
json ParameterType<std::string>::schema(const ParameterInfo& info) {
  if (!info.choices.empty()) return {{"enum", info.choices}};
  return {{"type", "string"}};
}

std::string ParameterType<std::filesystem::path>::name() { return "path"; }
bool ParameterType<std::filesystem::path>::read(std::filesystem::path& out, const YamlNode& node, ReadContext& context,
                                                const ParameterInfo&) {
  if (!node.is_scalar() || node.text.empty()) return expected("a path", node, context);
  out = resolve_path(node.text, node.where);
  if (context.paths != nullptr) context.paths->push_back({node.where, node.text, std::filesystem::absolute(out)});
  return true;
}
std::string ParameterType<std::filesystem::path>::print(const std::filesystem::path& value) { return value.string(); }
json ParameterType<std::filesystem::path>::schema(const ParameterInfo&) { return {{"type", "string"}}; }

// ── shape and lists ────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<Shape>::name() { return "shape"; }
bool ParameterType<Shape>::read(Shape& out, const YamlNode& node, ReadContext& context, const ParameterInfo&) {
  ParameterInfo extent;
  extent.minimum = 1;
  std::vector<int64_t> extents;
  if (!read_items(extents, node, context, extent)) return false;
  if (extents.size() > static_cast<std::size_t>(Shape::max_rank - 2)) {
    context.problem(node, fmt::format("a shape has at most {} axes", Shape::max_rank - 2));
    return false;
  }
  const Shape shape{std::span<const int64_t>(extents)};
  if (!shape.checked_elements() || *shape.checked_elements() > (int64_t{1} << 40)) {
    context.problem(node, fmt::format("the shape {} has too many elements", to_string(shape)));
    return false;
  }
  out = shape;
  return true;
}
std::string ParameterType<Shape>::print(const Shape& value) { return value.rank() == 0 ? "" : to_string(value); }
json ParameterType<Shape>::schema(const ParameterInfo&) {
  ParameterInfo extent;
  extent.minimum = 1;
  return list_schema<int64_t>(extent);
}

#define DUEL_LIST_TYPE(item, text)                                                                                  \
  std::string ParameterType<std::vector<item>>::name() { return text; }                                             \
  bool ParameterType<std::vector<item>>::read(std::vector<item>& out, const YamlNode& node, ReadContext& context,   \
                                              const ParameterInfo& info) {                                          \
    return read_items(out, node, context, info);                                                                    \
  }                                                                                                                 \
  std::string ParameterType<std::vector<item>>::print(const std::vector<item>& value) { return print_list(value); } \
  json ParameterType<std::vector<item>>::schema(const ParameterInfo& info) { return list_schema<item>(info); }

DUEL_LIST_TYPE(int64_t, "integers")
DUEL_LIST_TYPE(double, "numbers")
DUEL_LIST_TYPE(std::string, "names")
DUEL_LIST_TYPE(Expression, "expressions")
#undef DUEL_LIST_TYPE

// ── expression ─────────────────────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<Expression>::name() { return "expression"; }
bool ParameterType<Expression>::read(Expression& out, const YamlNode& node, ReadContext& context,
                                     const ParameterInfo&) {
  const std::size_t before = context.problems.size();
  out = read_expression(node, context);
  return context.problems.size() == before;
}
std::string ParameterType<Expression>::print(const Expression& value) { return value.text; }
json ParameterType<Expression>::schema(const ParameterInfo&) { return {{"type", json::array({"string", "number"})}}; }

// ── optional ───────────────────────────────────────────────────────────────────────────────────────────────────────
#define DUEL_OPTIONAL_TYPE(inner)                                                                   \
  std::string ParameterType<std::optional<inner>>::name() { return ParameterType<inner>::name(); }  \
  bool ParameterType<std::optional<inner>>::read(std::optional<inner>& out, const YamlNode& node,   \
                                                 ReadContext& context, const ParameterInfo& info) { \
    return read_optional(out, node, context, info);                                                 \
  }                                                                                                 \
  std::string ParameterType<std::optional<inner>>::print(const std::optional<inner>& value) {       \
    return value ? ParameterType<inner>::print(*value) : "";                                        \
  }                                                                                                 \
  json ParameterType<std::optional<inner>>::schema(const ParameterInfo& info) {                     \
    return {{"anyOf", json::array({ParameterType<inner>::schema(info), {{"type", "null"}}})}};      \
  }

DUEL_OPTIONAL_TYPE(int64_t)
DUEL_OPTIONAL_TYPE(double)
DUEL_OPTIONAL_TYPE(Shape)
DUEL_OPTIONAL_TYPE(Expression)
#undef DUEL_OPTIONAL_TYPE

// ── components as parameters ───────────────────────────────────────────────────────────────────────────────────────
std::string ParameterType<std::shared_ptr<const Schedule>>::name() { return "number or schedule"; }
bool ParameterType<std::shared_ptr<const Schedule>>::read(std::shared_ptr<const Schedule>& out, const YamlNode& node,
                                                          ReadContext& context, const ParameterInfo& info) {
  if (node.is_map() || (node.is_scalar() && context.registry.schedules.find(node.text) != nullptr)) {
    auto schedule = context.registry.schedules.read(node, context);
    if (schedule == nullptr) return false;
    out = std::move(schedule);
    return true;
  }
  if (node.is_scalar() && node.text.find('(') != std::string::npos) return read_called(out, node, context);
  double value = 0;
  if (!ParameterType<double>::read(value, node, context, info)) return false;
  out = constant_schedule(value);
  return true;
}
std::string ParameterType<std::shared_ptr<const Schedule>>::print(const std::shared_ptr<const Schedule>& value) {
  return value != nullptr && value->is_constant() ? format_number(value->at({})) : "";
}
json ParameterType<std::shared_ptr<const Schedule>>::schema(const ParameterInfo& info) {
  const json call{{"type", "string"}, {"pattern", "^[a-z_]+\\(.*\\)$"}};
  return {{"anyOf", json::array({ParameterType<double>::schema(info), {{"$ref", "#/definitions/schedule"}}, call})}};
}

std::string ParameterType<std::shared_ptr<const Initializer>>::name() { return "initializer"; }
bool ParameterType<std::shared_ptr<const Initializer>>::read(std::shared_ptr<const Initializer>& out,
                                                             const YamlNode& node, ReadContext& context,
                                                             const ParameterInfo&) {
  auto initializer = context.registry.initializers.read(node, context);
  if (initializer == nullptr) return false;
  out = std::move(initializer);
  return true;
}
std::string ParameterType<std::shared_ptr<const Initializer>>::print(const std::shared_ptr<const Initializer>&) {
  return "";
}
json ParameterType<std::shared_ptr<const Initializer>>::schema(const ParameterInfo&) {
  return {{"$ref", "#/definitions/initializer"}};
}

std::string ParameterType<std::shared_ptr<const DatasetSource>>::name() { return "dataset"; }
bool ParameterType<std::shared_ptr<const DatasetSource>>::read(std::shared_ptr<const DatasetSource>& out,
                                                               const YamlNode& node, ReadContext& context,
                                                               const ParameterInfo&) {
  auto dataset = context.registry.datasets.read(node, context);
  if (dataset == nullptr) return false;
  out = std::move(dataset);
  return true;
}
std::string ParameterType<std::shared_ptr<const DatasetSource>>::print(const std::shared_ptr<const DatasetSource>&) {
  return "";
}
json ParameterType<std::shared_ptr<const DatasetSource>>::schema(const ParameterInfo&) {
  return {{"$ref", "#/definitions/dataset"}};
}

std::string ParameterType<YamlNode>::name() { return "section"; }
bool ParameterType<YamlNode>::read(YamlNode& out, const YamlNode& node, ReadContext&, const ParameterInfo&) {
  out = node;
  return true;
}
std::string ParameterType<YamlNode>::print(const YamlNode&) { return ""; }
json ParameterType<YamlNode>::schema(const ParameterInfo& info) {
  return {{"$ref", "#/definitions/section_" + info.name}};
}

}  // namespace duel
