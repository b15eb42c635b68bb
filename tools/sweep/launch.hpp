// The local launcher of a sweep.
#pragma once

#include "sweep/sweep.hpp"
#include "tools/sweep/display.hpp"

namespace duel {

// Exit code of an agent whose cluster has warned it that its time is over.
inline constexpr int queued_again = 99;

// Starts workers, and others for those that die, until the sweep is over or somebody asks to stop; returns the exit
// code of the program. `threads`: of a worker; 0: as many as it has cores. Throws UserError when a worker cannot go on.
int run_workers(Sweep& sweep, int threads, Telling telling);

}  // namespace duel
