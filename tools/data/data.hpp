// The subcommands of `duel data`.
#pragma once

#include "tools/command.hpp"

namespace duel {

void add_info_command(CLI::App& data, CommandLine& line);
void add_fetch_command(CLI::App& data, CommandLine& line);

}  // namespace duel
