#include "tools/serve/server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace duel {
namespace {

constexpr const char* own_address = "127.0.0.1";
constexpr int most_followers = 24;  // pages that wait for events; each holds a thread
constexpr int answering_threads = 8;
constexpr int port_of_http = 80;
constexpr time_t seconds_of_idle_connections = 1;  // so long Ctrl-C waits for them
constexpr double seconds_between_beats = 10;

void refuse_request(httplib::Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain; charset=utf-8");
}

}  // namespace

struct PageServer::Implementation {
  explicit Implementation(LiveRuns& served) : runs(served) {}

  // Browsers leave the port of http out.
  bool is_own_host(const std::string& host) const {
    for (const char* name : {own_address, "localhost"}) {
      if (host == fmt::format("{}:{}", name, port) || (port == port_of_http && host == name)) return true;
    }
    return false;
  }

  // A page of another site may send requests here, and a name of its own may lead here: the browser says both.
  bool is_own(const httplib::Request& request) const {
    const std::string host = request.get_header_value("Host");
    if (request.get_header_value_count("Host") != 1 || !is_own_host(host)) return false;
    if (request.has_header("Origin")) {
      return request.get_header_value_count("Origin") == 1 && request.get_header_value("Origin") == "http://" + host;
    }
    return !is_sent_by_another(request);
  }

  // Images and scripts of a page are asked for without an Origin; browsers say by Sec-Fetch-Site whose page it was, and
  // "none" for an address that the user has typed.
  static bool is_sent_by_another(const httplib::Request& request) {
    const std::string site = request.get_header_value("Sec-Fetch-Site");
    if (request.get_header_value_count("Sec-Fetch-Site") <= 1 &&
        (site.empty() || site == "same-origin" || site == "none")) {
      return false;
    }
    const bool is_link = request.path == "/" && request.get_header_value("Sec-Fetch-Mode") == "navigate" &&
                         request.get_header_value("Sec-Fetch-Dest") == "document";
    return !is_link;
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
    server.set_keep_alive_timeout(seconds_of_idle_connections);
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
  std::atomic<bool> has_stopped{false};
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
  self.thread = std::thread([&self] {
    self.server.listen_after_bind();
    self.has_stopped = true;
  });
  // The library's stop() does nothing before it listens: the destructor would wait for ever.
  while (!self.server.is_running() && !self.has_stopped) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

PageServer::~PageServer() {
  implementation_->ends = true;
  implementation_->server.stop();
  implementation_->thread.join();
}

int PageServer::port() const { return implementation_->port; }

bool PageServer::is_followed() const { return implementation_->followers > 0; }

bool PageServer::is_listening() const { return !implementation_->has_stopped; }

}  // namespace duel
