#include "tools/startup.hpp"

#include <fmt/format.h>
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

std::optional<std::string> slow_blas_warning() {
  const BlasDescription blas = describe_blas();
  if (!blas.below_machine) return std::nullopt;
  return fmt::format("OpenBLAS uses its {} kernels, and this CPU could use {}: matrix products are slower; {}",
                     blas.core, blas.best_core,
                     std::getenv(blas_core_variable) != nullptr
                         ? fmt::format("unset {}", blas_core_variable)
                         : fmt::format("set {}={}", blas_core_variable, blas.best_core));
}

}  // namespace duel
