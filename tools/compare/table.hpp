// A table of runs or of groups of runs, and how it is sorted and printed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/compare/columns.hpp"

namespace duel {

struct CompareTable {
  struct Row {
    std::vector<CompareCell> cells;
    std::vector<const RunEntry*> runs;  // one, or those of a group
  };
  std::vector<CompareColumn> columns;
  std::vector<Row> rows;
  bool grouped = false;
};

CompareTable table_of(const std::vector<const RunEntry*>& runs, const CompareColumns& columns,
                      std::vector<CompareColumn> shown);

// Least (or greatest) first by that column; rows without a number there, and NaN, come last. Equal ones stay in order.
void sort_rows(CompareTable& table, const CompareColumn& by, bool least_first);

std::string to_text(const CompareTable& table);
// A heading line and a line a row (RFC 4180); parameters are called by their whole key, and texts
// in them stand without YAML's quotes. A metric of groups has columns
// METRIC, METRIC_standard_error and METRIC_n.
std::string to_csv(const CompareTable& table);
// A list of objects, one a row.
nlohmann::json to_json(const CompareTable& table);

// Numbers and bools of YAML as those of JSON, nothing as null, texts without their quotes, all else as YAML on one
// line. Throws UserError for what is no YAML.
nlohmann::json json_value(const std::string& yaml);

}  // namespace duel
