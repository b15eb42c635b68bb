#include "tools/compare/grouping.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/mean.hpp"
#include "base/text.hpp"
#include "runs/unlike_scores.hpp"

namespace duel {
namespace {

using Kind = CompareColumn::Kind;

// What a group agrees in.
std::vector<std::string> shared_values(const RunEntry& run, const std::vector<CompareColumn>& by,
                                       const CompareColumns& columns) {
  std::vector<std::string> values;
  for (const CompareColumn& column : by) {
    const CompareCell cell = columns.cell(run, column);
    values.push_back(column.kind == Kind::parameter ? comparable_value(cell.text) : cell.text);
  }
  return values;
}

CompareCell mean_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const MeanWithError mean = mean_with_error(values);
  CompareCell cell{fmt::format("{:.6g}", mean.mean), mean.mean};
  cell.error = mean.standard_error;
  cell.count = static_cast<int64_t>(values.size());
  return cell;
}

CompareCell mean_cell(const std::vector<const CompareTable::Row*>& rows, std::size_t column) {
  std::vector<double> values;
  for (const CompareTable::Row* row : rows) {
    if (row->cells[column].number) values.push_back(*row->cells[column].number);
  }
  return mean_of(values);
}

struct Group {
  std::vector<std::string> values;
  std::vector<const CompareTable::Row*> rows;
};

// What is measured of a run is hardly ever the same of two.
void refuse_measured(const CompareColumn& column) {
  if (column.kind == Kind::parameter || column.kind == Kind::state || column.kind == Kind::trial) return;
  const std::string why = column.kind == Kind::metric ? "is a metric, of which groups have the mean"
                          : column.kind == Kind::run  ? "tells every run from the others"
                                                      : "says how far a run is, not what it was asked for";
  throw UserError(ExitCode::experiment, fmt::format("--group-by: {} {}", column.heading, why),
                  "name parameters, state or trial");
}

std::vector<Group> groups_of(const CompareTable& table, const std::vector<CompareColumn>& by,
                             const CompareColumns& columns) {
  std::vector<Group> groups;
  for (const CompareTable::Row& row : table.rows) {
    auto values = shared_values(*row.runs.front(), by, columns);
    auto found = std::ranges::find(groups, values, &Group::values);
    if (found == groups.end()) found = groups.insert(found, {std::move(values), {}});
    found->rows.push_back(&row);
  }
  return groups;
}

}  // namespace

std::vector<CompareColumn> grouping_columns(const std::string& names, const CompareColumns& columns) {
  std::vector<CompareColumn> by;
  if (names == all_but_seed) {
    std::ranges::copy_if(columns.parameters(), std::back_inserter(by),
                         [](const CompareColumn& column) { return column.key != "seed"; });
    return by;
  }
  for (const std::string& name : split_at_commas(names)) {
    const CompareColumn column = columns.find(name, "--group-by");
    refuse_measured(column);
    if (std::ranges::find(by, column) == by.end()) by.push_back(column);
  }
  return by;
}

CompareTable grouped(const CompareTable& table, const std::vector<CompareColumn>& by, const CompareColumns& columns,
                     bool mix_protocols) {
  CompareTable out{by, {}, true};
  out.columns.push_back({Kind::count, "n"});
  std::vector<std::size_t> metrics;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].kind != Kind::metric) continue;
    metrics.push_back(i);
    out.columns.push_back(table.columns[i]);
  }
  for (const Group& group : groups_of(table, by, columns)) {
    CompareTable::Row row;
    for (const CompareTable::Row* one : group.rows) row.runs.push_back(one->runs.front());
    for (const CompareColumn& column : by) row.cells.push_back(columns.cell(*row.runs.front(), column));
    row.cells.push_back({std::to_string(row.runs.size()), static_cast<double>(row.runs.size())});
    for (const std::size_t metric : metrics) {
      const bool alike =
          mix_protocols || unlike_scores(row.runs, {table.columns[metric].metric}, columns.choice()).empty();
      row.cells.push_back(alike ? mean_cell(group.rows, metric) : CompareCell{});
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace duel
