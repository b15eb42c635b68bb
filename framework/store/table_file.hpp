// An HDF5 file of tables: groups whose data sets are columns of equal length. Written whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace duel {

struct TableColumn {
  std::string name;
  std::variant<std::vector<int64_t>, std::vector<double>, std::vector<std::string>> values;  // texts: UTF-8
};

struct Table {
  std::string name;  // /NAME/COLUMN
  std::vector<TableColumn> columns;
};

// `attributes` stand at the root, file_format and file_format_version with them. Equal contents are equal bytes. Names
// must be free of '/'. Throws UserError(ExitCode::storage).
void write_tables(const std::filesystem::path& file, const std::string& format, int64_t version,
                  const std::map<std::string, std::string>& attributes, const std::vector<Table>& tables);

}  // namespace duel
