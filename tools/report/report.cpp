#include <CLI/CLI.hpp>

#include "tools/command.hpp"
#include "tools/overwrite.hpp"
#include "tools/page/write_page.hpp"

namespace duel {
namespace {

struct ReportOptions {
  std::filesystem::path run;
  std::filesystem::path out;
};

int write_report(const ReportOptions& options, const Registry& registry) {
  const std::filesystem::path file = options.out.empty() ? options.run / "report.html" : options.out;
  refuse_overwrite(file, OutputKind::page);
  write_page(std::vector{options.run}, registry, file);
  print_out(file.string() + "\n");
  return 0;
}

}  // namespace

void add_report_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "write all that is known of a run into one page (HTML)");
  command->add_option("run", options->run, "run folder")->required();
  command->add_option("-o,--out", options->out, "where to; RUN/report.html if not given");
  command->callback(
      [options, &line] { line.run = [options, &line] { return write_report(*options, line.registry); }; });
}

}  // namespace duel
