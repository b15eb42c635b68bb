#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.hpp"
#include "tools/completion/complete.hpp"
#include "tools/completion/scripts.hpp"

namespace duel {

void add_completion_command(CLI::App& app, CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  const std::string shells = fmt::format("{}", fmt::join(completion_shells(), ", "));
  CLI::App* command =
      app.add_subcommand("completion", fmt::format("print a script that lets a shell complete words: {}", shells));
  command->add_option("shell", *shell, shells)->required();
  command->callback([shell, &line] {
    line.run = [shell] {
      print_out(completion_script(*shell));
      return 0;
    };
  });
}

// After `--` no word is read as an option or command of this line.
void add_complete_command(CLI::App& app, CommandLine& line) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("complete", "what the last of the words may become, for the scripts of shells");
  command->group("");  // hidden
  command->add_option("words", *words, "the words of a command line, after --");
  command->callback([words, &app, &line] {
    line.run = [words, &app, &line] {
      std::string text;
      for (const std::string& word : complete(app, line.registry, *words)) text += word + "\n";
      print_out(text);
      return 0;
    };
  });
}

}  // namespace duel
