// What the system knows of this process.
#pragma once

#include <cstdint>

namespace duel {

// Seconds since the command was started, before main and before the program started itself again (tools/startup.hpp).
// The system keeps the start to 1/100 s, rounded down: the answer is up to that much too large, never too small.
double seconds_since_start();

// The most memory that has been resident so far.
int64_t peak_resident_bytes();
// What is resident now and comes from no file: not the code of the program and its libraries.
int64_t anonymous_bytes();

}  // namespace duel
