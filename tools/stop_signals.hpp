// How a program that works for long is asked to stop.
#pragma once

#include <atomic>

namespace duel {

// From now on SIGINT and SIGTERM ask to stop, a second one ends the program at once; SIGUSR1, which clusters send
// before a job's time is over, asks as well where `with_usr1`. Signals that would end the program where a write can
// fail and be reported (a closed pipe, the largest size that a file may have) are ignored.
void catch_stop_signals(bool with_usr1 = false);

// Set once somebody has asked.
const std::atomic<bool>& stop_asked();
// By which signal; 0 if nobody has.
int stop_signal();

}  // namespace duel
