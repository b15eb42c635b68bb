#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "spec/read.hpp"
#include "sweep/documentation.hpp"
#include "tools/command.hpp"

namespace duel {

void add_schema_command(CLI::App& app, CommandLine& line) {
  auto of_sweeps = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("schema", "print the JSON Schema of experiment files, for editors");
  command->add_flag("--sweep", *of_sweeps, "of sweep files");
  command->callback([of_sweeps, &line] {
    line.run = [of_sweeps, &line] {
      print_out((*of_sweeps ? sweep_schema() : experiment_schema(line.registry)).dump(1) + "\n");
      return 0;
    };
  });
}

}  // namespace duel
