#include "tools/serve/server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <array>
#include <atomic>
#include <thread>

namespace duel {
namespace {

constexpr const char* own_address = "127.0.0.1";
constexpr int most_followers = 24;  // pages that wait for events; each holds a thread
constexpr int answering_threads = 8;
constexpr double seconds_between_beats = 10;

void refuse_request(httplib::Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain; charset=utf-8");
}

}  // namespace

struct PageServer::Implementation {
  explicit Implementation(LiveRuns& served) : runs(served) {}

  // A page of another site may send requests here, and a name of its own may lead here: the browser says both.
  bool is_own(const httplib::Request& request) const {
    const std::array<std::string, 2> hosts{fmt::format("{}:{}", own_address, port), fmt::format("localhost:{}", port)};
    const std::string host = request.get_header_value("Host");
    if (request.get_header_value_count("Host") != 1 || (host != hosts[0] && host != hosts[1])) return false;
    if (!request.has_header("Origin")) return true;
    return request.get_header_value_count("Origin") == 1 && request.get_header_value("Origin") == "http://" + host;
  }

  httplib::Server::HandlerResponse judge(const httplib::Request& request, httplib::Response& response) const {
    using Answer = httplib::Server::HandlerResponse;
    if (!is_own(request)) {
      refuse_request(response, 403, "duel answers to its own page alone");
      return Answer::Handled;
    }
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      refuse_request(response, 405, "duel serves runs to be looked at: GET and HEAD only");
      return Answer::Handled;
    }
    return Answer::Unhandled;
  }

  void follow(httplib::Response& response) {
    if (followers.fetch_add(1) >= most_followers) {
      --followers;
      refuse_request(response, 503, "too many pages follow these runs; close some");
      return;
    }
    // The page has the version of when it was made: it is told the present one at once.
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, known = int64_t{0}](std::size_t, httplib::DataSink& sink) mutable { return send_event(known, sink); },
        [this](bool) { --followers; });
  }

  bool send_event(int64_t& known, httplib::DataSink& sink) const {
    int64_t version = known;
    for (double waited = 0; waited < seconds_between_beats && version == known && !ends; waited += 0.25) {
      version = runs.wait(known, 0.25);
    }
    if (ends) {
      sink.done();
      return true;
    }
    // A comment shows whether anyone still listens.
    const std::string event = version == known ? ": waiting\n\n" : fmt::format("event: changed\ndata: {}\n\n", version);
    known = version;
    return sink.write(event.data(), event.size());
  }

  void add_answers() {
    server.new_task_queue = [] { return new httplib::ThreadPool(answering_threads + most_followers); };
    // Without SO_REUSEPORT, which the library would set: a port that another server has is then refused.
    server.set_socket_options([](socket_t socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server.set_payload_max_length(0);
    server.set_default_headers({{"Cache-Control", "no-store"},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                {"Content-Security-Policy", "frame-ancestors 'none'"}});
    server.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) { return judge(request, response); });
    server.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(runs.page()->html, "text/html; charset=utf-8");
    });
    server.Get("/data", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(runs.page()->answer, "application/json");
    });
    server.Get("/events", [this](const httplib::Request&, httplib::Response& response) { follow(response); });
    server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) response.set_content("there is nothing here\n", "text/plain; charset=utf-8");
    });
  }

  LiveRuns& runs;
  httplib::Server server;
  int port = 0;
  std::atomic<bool> ends{false};
  std::atomic<int> followers{0};
  std::thread thread;
};

PageServer::PageServer(LiveRuns& runs, int port) : implementation_(std::make_unique<Implementation>(runs)) {
  Implementation& self = *implementation_;
  self.add_answers();
  if (port == 0) {
    self.port = self.server.bind_to_any_port(own_address);
  } else {
    self.port = self.server.bind_to_port(own_address, port) ? port : -1;
  }
  if (self.port <= 0) {
    throw UserError(ExitCode::in_use, fmt::format("port {} of {} cannot be had", port, own_address),
                    "another program may have it: choose another with --port, or 0 for any that is free");
  }
  self.thread = std::thread([&self] { self.server.listen_after_bind(); });
}

PageServer::~PageServer() {
  implementation_->ends = true;
  implementation_->server.stop();
  implementation_->thread.join();
}

int PageServer::port() const { return implementation_->port; }

}  // namespace duel
