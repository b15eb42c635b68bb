#include "tools/compare/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "tools/text_table.hpp"
#include "yaml/document.hpp"

namespace duel {
namespace {

using nlohmann::json;
using Kind = CompareColumn::Kind;

constexpr std::size_t longest_cell = 40;

std::string table_cell(const CompareColumn& column, const CompareCell& cell, std::size_t runs, bool grouped) {
  if (cell.text.empty()) return "-";
  if (column.kind == Kind::run) return cell.text;
  if (!grouped || column.kind != Kind::metric) return shortened(cell.text, longest_cell);
  std::string text = cell.text;
  if (cell.error) text += fmt::format(" ± {:.3g}", *cell.error);
  if (static_cast<std::size_t>(cell.count) != runs) text += fmt::format(" (n {})", cell.count);
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_number(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? format_number(*number) : std::string();
}

const std::string& csv_name(const CompareColumn& column) {
  return column.kind == Kind::parameter ? column.key : column.heading;
}

void add_csv_cell(const CompareColumn& column, const CompareCell& cell, bool grouped, std::vector<std::string>& line) {
  const bool number = column.kind == Kind::metric || column.kind == Kind::step || column.kind == Kind::seconds;
  const std::string text = column.kind == Kind::parameter ? plain_text(cell.text) : cell.text;
  line.push_back(csv_field(number ? csv_number(cell.number) : text));
  if (!grouped || column.kind != Kind::metric) return;
  line.push_back(csv_number(cell.error));
  line.push_back(cell.text.empty() ? "0" : std::to_string(cell.count));
}

json metric_json(const CompareCell& cell, bool grouped) {
  if (cell.text.empty()) return {};
  const json error = cell.error ? json(*cell.error) : json();
  if (grouped) return {{"mean", *cell.number}, {"standard_error", error}, {"n", cell.count}};
  return {{"value", *cell.number}, {"uncertainty", error}, {"step", cell.step ? json(*cell.step) : json()}};
}

json run_json(const RunEntry& run) {
  json object{{"run", run.folder.string()},
              {"sweep", run.trial ? json(run.trial->sweep.string()) : json()},
              {"trial", run.trial ? json(run.trial->number) : json()},
              {"name", run.name},
              {"state", to_string(run.state)},
              {"problem", run.problem.empty() ? json() : json(run.problem)},
              {"step", run.step},
              {"total_steps", run.total_steps ? json(*run.total_steps) : json()},
              {"seconds", run.seconds}};
  return object;
}

}  // namespace

json json_value(const std::string& yaml) {
  const YamlNode node = parse_yaml(yaml, "value");
  if (node.is_null()) return {};
  if (!node.is_scalar()) return yaml;
  if (node.quoted) return node.text;
  if (const auto integer = parse_integer(node.text)) return *integer;
  if (const auto number = parse_float(node.text)) return *number;
  if (const auto truth = parse_bool(node.text)) return *truth;
  return node.text;
}

CompareTable table_of(const std::vector<const RunEntry*>& runs, const CompareColumns& columns,
                      std::vector<CompareColumn> shown) {
  CompareTable table{std::move(shown), {}, false};
  for (const RunEntry* run : runs) {
    CompareTable::Row row{{}, {run}};
    for (const CompareColumn& column : table.columns) row.cells.push_back(columns.cell(*run, column));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void sort_rows(CompareTable& table, const CompareColumn& by, bool least_first) {
  const auto at = static_cast<std::size_t>(std::ranges::find(table.columns, by) - table.columns.begin());
  const auto rank = [&](const CompareTable::Row& row) {
    const auto& number = row.cells.at(at).number;
    if (!number || std::isnan(*number)) return std::pair(1, 0.0);
    return std::pair(0, least_first ? *number : -*number);
  };
  std::ranges::stable_sort(table.rows, {}, rank);
}

std::string to_text(const CompareTable& table) {
  std::vector<std::vector<std::string>> lines(1);
  for (const CompareColumn& column : table.columns) lines.front().push_back(column.heading);
  for (const CompareTable::Row& row : table.rows) {
    std::vector<std::string> line;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      line.push_back(table_cell(table.columns[i], row.cells[i], row.runs.size(), table.grouped));
    }
    lines.push_back(std::move(line));
  }
  return text_table(lines);
}

std::string to_csv(const CompareTable& table) {
  std::vector<std::string> line;
  for (const CompareColumn& column : table.columns) {
    line.push_back(csv_field(csv_name(column)));
    if (!table.grouped || column.kind != Kind::metric) continue;
    line.push_back(csv_field(column.heading + "_standard_error"));
    line.push_back(csv_field(column.heading + "_n"));
  }
  std::string out = fmt::format("{}\r\n", fmt::join(line, ","));
  for (const CompareTable::Row& row : table.rows) {
    line.clear();
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      add_csv_cell(table.columns[i], row.cells[i], table.grouped, line);
    }
    out += fmt::format("{}\r\n", fmt::join(line, ","));
  }
  return out;
}

json to_json(const CompareTable& table) {
  json list = json::array();
  for (const CompareTable::Row& row : table.rows) {
    json object = json::object();
    if (table.grouped) {
      object["n"] = row.runs.size();
      for (const RunEntry* run : row.runs) object["runs"].push_back(run->folder.string());
    } else {
      object = run_json(*row.runs.front());
    }
    object["parameters"] = object["metrics"] = json::object();
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const CompareColumn& column = table.columns[i];
      if (column.kind == Kind::parameter) object["parameters"][column.key] = json_value(row.cells[i].text);
      if (column.kind == Kind::metric) object["metrics"][column.heading] = metric_json(row.cells[i], table.grouped);
      if (table.grouped && column.kind == Kind::state) object["state"] = row.cells[i].text;
      if (table.grouped && column.kind == Kind::trial) object["trial"] = json_value(row.cells[i].text);
    }
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace duel
