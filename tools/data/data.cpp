#include "tools/data/data.hpp"

#include <CLI/CLI.hpp>

namespace duel {

void add_data_command(CLI::App& app, CommandLine& line) {
  CLI::App* data = app.add_subcommand("data", "describe a data set, or download a public one");
  data->require_subcommand(1);
  add_info_command(*data, line);
  add_fetch_command(*data, line);
}

}  // namespace duel
