#include "tools/startup.hpp"

#include <unistd.h>

#include <cstdlib>

#include "kernels/select.hpp"

namespace duel {

void choose_blas_core(char** argv) {
  const auto better = better_blas_core();
  if (!better || std::getenv(blas_core_variable) != nullptr) return;
  setenv(blas_core_variable, better->c_str(), 1);
  execv("/proc/self/exe", argv);
  unsetenv(blas_core_variable);  // it could not be started again: go on as it is
}

}  // namespace duel
