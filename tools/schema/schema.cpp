#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "spec/read.hpp"
#include "tools/command.hpp"

namespace duel {

void add_schema_command(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("schema", "print the JSON Schema of experiment files, for editors");
  command->callback([&line] {
    line.run = [&line] {
      print_out(experiment_schema(line.registry).dump(1) + "\n");
      return 0;
    };
  });
}

}  // namespace duel
