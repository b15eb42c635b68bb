// What must happen before anything else.
#pragma once

#include <optional>
#include <string>

namespace duel {

// OpenBLAS chooses its kernels when it is loaded, by CPU model, and on some machines chooses lesser ones than the CPU
// offers. If so, and the user has not chosen by OPENBLAS_CORETYPE, starts the program again with that set. Returns when
// there is nothing to do.
void choose_blas_core(char** argv);

// What to tell the user when OpenBLAS nevertheless works with lesser kernels than the CPU offers, and what to do.
std::optional<std::string> slow_blas_warning();

}  // namespace duel
