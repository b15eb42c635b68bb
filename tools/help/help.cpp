#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "spec/read.hpp"
#include "sweep/documentation.hpp"
#include "tools/command.hpp"

namespace duel {
namespace {

// Of a name, all that bears it: `metrics` is a section, `flatten` a layer and a transform.
std::optional<std::string> text_for(const Registry& registry, const std::string& name) {
  auto section = name.empty() ? std::optional(sections_help()) : section_help(name);
  if (!section) section = sweep_help(name);
  const auto kinds = help_text(registry, name);
  if (!section || !kinds) return section ? section : kinds;
  return *section + "\n" + *kinds;
}

int help(const Registry& registry, const std::string& name) {
  if (const auto text = text_for(registry, name)) {
    print_out(*text);
    return 0;
  }
  std::vector<std::string> known = section_names();
  for (std::string& part : sweep_help_names()) known.push_back(std::move(part));
  for (const KindTable* table : registry.tables()) {
    known.push_back(table->noun());
    for (const std::string& kind : table->kinds()) known.push_back(kind);
  }
  const std::string near = suggestion(name, known);
  throw UserError(ExitCode::experiment, fmt::format("nothing is called '{}'", name),
                  near.empty() ? "'duel help' lists every section and kind" : near);
}

}  // namespace

void add_help_command(CLI::App& app, CommandLine& line) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "help", "list sections and kinds of components, or explain one: duel help train, duel help dense");
  command->add_option("name", *name, "a section (train), a kind (dense), or a sort of kinds (layer)");
  command->callback([name, &line] { line.run = [name, &line] { return help(line.registry, *name); }; });
}

}  // namespace duel
