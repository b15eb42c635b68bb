// The pages of runs over HTTP, for this machine alone: 127.0.0.1, GET and HEAD, three addresses, no files.
#pragma once

#include <memory>

#include "tools/serve/live_runs.hpp"

namespace duel {

// Answers `/` with the page, `/data` with its data, and `/events` with an event `changed` for each new version.
// Requests under another host's name, or sent by the page of another, are refused (403), so that no site that the user
// visits reads runs through the browser or keeps this machine busy. A link to `/` may stand anywhere.
class PageServer {
 public:
  // Port 0: any that is free. Throws UserError(ExitCode::in_use) for one that is taken. `runs` must outlive it.
  PageServer(LiveRuns& runs, int port);
  ~PageServer();  // ends all connections
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  int port() const;
  bool is_followed() const;   // does a page wait for events?
  bool is_listening() const;  // false after a failure that it cannot mend

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace duel
