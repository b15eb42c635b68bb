#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "tools/command.hpp"
#include "tools/page/assets.hpp"
#include "tools/page/write_page.hpp"
#include "tools/serve/server.hpp"

namespace duel {
namespace {

struct ServeOptions {
  std::vector<std::filesystem::path> paths;
  int port = 8731;
};

volatile std::sig_atomic_t serve_ends = 0;

void end_serving(int) { serve_ends = 1; }

void end_on_signals() {
  struct sigaction action {};
  action.sa_handler = end_serving;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int serve(const ServeOptions& options, const Registry& registry) {
  require_pages();
  LiveRuns runs(options.paths, registry, *page_assets());
  end_on_signals();
  const PageServer server(runs, options.port);
  print_out(fmt::format("http://127.0.0.1:{}/   (Ctrl-C ends it)\n", server.port()));
  while (serve_ends == 0) {
    for (int tenth = 0; tenth < 10 && serve_ends == 0; ++tenth) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (server.is_followed()) runs.look();
    if (!server.is_listening()) {
      throw UserError(ExitCode::in_use,
                      fmt::format("port {} of 127.0.0.1 cannot be listened at any more", server.port()),
                      "start it again, perhaps with another --port");
    }
  }
  return 0;
}

}  // namespace

void add_serve_command(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "show runs in the browser while they train, on this machine alone");
  command->add_option("runs", options->paths, "run folders, or folders that hold some, now or later")->required();
  command->add_option("--port", options->port, "of 127.0.0.1; 0 for any that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->callback([options, &line] { line.run = [options, &line] { return serve(*options, line.registry); }; });
}

}  // namespace duel
