#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "tools/command.hpp"

namespace duel {
namespace {

int help(const Registry& registry, const std::string& kind) {
  const auto text = help_text(registry, kind);
  if (text) {
    print_out(*text);
    return 0;
  }
  std::vector<std::string> known;
  for (const KindTable* table : registry.tables()) {
    known.push_back(table->noun());
    for (const std::string& name : table->kinds()) known.push_back(name);
  }
  const std::string near = suggestion(kind, known);
  throw UserError(ExitCode::experiment, fmt::format("nothing is called '{}'", kind),
                  near.empty() ? "'duel help' lists every kind" : near);
}

}  // namespace

void add_help_command(CLI::App& app, CommandLine& line) {
  auto kind = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("help", "list every kind of component, or explain one: duel help dense");
  command->add_option("kind", *kind, "a kind (dense), or a sort of kinds (layer)");
  command->callback([kind, &line] { line.run = [kind, &line] { return help(line.registry, *kind); }; });
}

}  // namespace duel
