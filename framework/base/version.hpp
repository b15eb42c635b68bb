// Which program this is.
#pragma once

#include <string>

namespace duel {

std::string version();            // "0.1.0"
std::string build_description();  // compiler and instruction set: "g++ 12.2.0, Release, x86-64 AVX-512"

}  // namespace duel
