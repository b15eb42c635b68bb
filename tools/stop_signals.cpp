#include "tools/stop_signals.hpp"

#include <unistd.h>

#include <csignal>

namespace duel {
namespace {

std::atomic<bool> asked{false};
volatile std::sig_atomic_t asked_by = 0;

void on_stop_signal(int number) {
  if (asked_by != 0) _exit(128 + number);  // the second one: at once
  asked_by = number;
  asked = true;
}

}  // namespace

void catch_stop_signals(bool with_usr1) {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (with_usr1) sigaction(SIGUSR1, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
  sigaction(SIGXFSZ, &action, nullptr);
}

const std::atomic<bool>& stop_asked() { return asked; }
int stop_signal() { return asked_by; }

}  // namespace duel
