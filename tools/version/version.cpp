#include "base/version.hpp"

#include <CLI/CLI.hpp>

#include "kernels/select.hpp"
#include "tools/command.hpp"

namespace duel {

void add_version_command(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("version", "print the version, how it was built and the BLAS in use");
  command->callback([&line] {
    line.run = [] {
      const BlasDescription blas = describe_blas();
      print_out(fmt::format("duel {}\n{}\n{} ({} kernels)\n", version(), build_description(), blas.library, blas.core));
      return 0;
    };
  });
}

}  // namespace duel
