#include "tools/compare/filter.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace duel {
namespace {

using Comparison = RunFilter::Comparison;

constexpr std::array<std::pair<std::string_view, Comparison>, 6> comparison_signs{{{"<=", Comparison::less_or_equal},
                                                                                   {">=", Comparison::greater_or_equal},
                                                                                   {"!=", Comparison::not_equal},
                                                                                   {"<", Comparison::less},
                                                                                   {">", Comparison::greater},
                                                                                   {"=", Comparison::equal}}};

std::string option_of(const std::string& text) { return fmt::format("--where '{}'", text); }

[[noreturn]] void fail_filter(const std::string& text, const std::string& what, const std::string& remedy) {
  throw UserError(ExitCode::experiment, fmt::format("{}: {}", option_of(text), what), remedy);
}

std::string without_spaces(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// A text in quotes is YAML; any other stands for itself.
std::string value_of(const std::string& text, const std::string& value) {
  if (!value.starts_with('"') && !value.starts_with('\'')) return value;
  try {
    return plain_text(value);
  } catch (const UserError& error) {
    fail_filter(text, error.problems().front().what, "write a text in quotes as YAML has it, or without quotes");
  }
}

bool is_equality(Comparison comparison) {
  return comparison == Comparison::equal || comparison == Comparison::not_equal;
}

void check_value(const RunFilter& filter) {
  if (filter.column.kind == CompareColumn::Kind::state) {
    std::vector<std::string_view> states;
    for (const RunState state : run_states()) {
      states.push_back(to_string(state));
      if (filter.value == to_string(state) && is_equality(filter.comparison)) return;
    }
    fail_filter(filter.text, fmt::format("no state is called '{}'", filter.value),
                fmt::format("write state=STATE or state!=STATE with one of: {}", fmt::join(states, ", ")));
  }
  if (!is_equality(filter.comparison) && !parse_float(filter.value)) {
    fail_filter(filter.text, fmt::format("'{}' is no number", filter.value), "compare texts by = or !=");
  }
}

bool numbers_pass(double a, Comparison comparison, double b) {
  switch (comparison) {
    case Comparison::less:
      return a < b;
    case Comparison::less_or_equal:
      return a <= b;
    case Comparison::greater:
      return a > b;
    case Comparison::greater_or_equal:
      return a >= b;
    case Comparison::equal:
      return a == b;
    case Comparison::not_equal:
      break;
  }
  return a != b;
}

}  // namespace

RunFilter read_filter(const std::string& text, const CompareColumns& columns) {
  const std::size_t at = text.find_first_of("<>=!");
  for (const auto& [sign, comparison] : comparison_signs) {
    if (at == std::string::npos || at == 0 || text.compare(at, sign.size(), sign) != 0) continue;
    RunFilter filter{text, {}, comparison, value_of(text, without_spaces(text.substr(at + sign.size())))};
    if (filter.value.empty() || filter.value.front() == '=') break;
    filter.column = columns.find(without_spaces(text.substr(0, at)), option_of(text));
    check_value(filter);
    return filter;
  }
  fail_filter(text, "not a condition", "write NAME<VALUE, or <=, >, >=, =, !=");
}

bool passes(const RunFilter& filter, const CompareCell& cell) {
  if (cell.text.empty()) return filter.comparison == Comparison::not_equal;
  const auto value = parse_float(filter.value);
  if (value && cell.number) return numbers_pass(*cell.number, filter.comparison, *value);
  const bool is_yaml = filter.column.kind == CompareColumn::Kind::parameter;
  const bool equal = (is_yaml ? plain_text(cell.text) : cell.text) == filter.value;
  return filter.comparison == Comparison::equal ? equal : filter.comparison == Comparison::not_equal && !equal;
}

}  // namespace duel
