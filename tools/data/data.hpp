// The subcommands of `duel data`.
#pragma once

#include <string>
#include <vector>

#include "tools/command.hpp"

namespace duel {

// The data sets that `duel data fetch` knows.
std::vector<std::string> public_data_names();

void add_info_command(CLI::App& data, CommandLine& line);
void add_fetch_command(CLI::App& data, CommandLine& line);

}  // namespace duel
