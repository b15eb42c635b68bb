#include "kernels/blas.hpp"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernels/select.hpp"

namespace duel {
namespace {

// Kernel sets by the width of their vectors. A set that is not named here is taken for a lesser one.
constexpr std::array<std::string_view, 3> avx512_cores = {"SkylakeX", "Cooperlake", "SapphireRapids"};
constexpr std::array<std::string_view, 4> avx2_cores = {"Haswell", "Zen", "Excavator", "Broadwell"};

int width_of(std::string_view core) {
  if (std::ranges::find(avx512_cores, core) != avx512_cores.end()) return 512;
  if (std::ranges::find(avx2_cores, core) != avx2_cores.end()) return 256;
  return 128;
}

#if defined(__x86_64__)
struct BestCore {
  std::string name;
  int width;
};

// The least set that uses the CPU's vectors: those above it differ in bfloat16 only.
BestCore best_core_of_cpu() {
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (avx512) return {"SkylakeX", 512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {"Haswell", 256};
  return {"", 0};
}
#endif

}  // namespace

BlasDescription describe_blas() {
  // "OpenBLAS 0.3.21 NO_LAPACKE …"
  std::string_view config = openblas_get_config();
  const std::size_t space = config.find(' ', config.find(' ') + 1);
  BlasDescription description{std::string(config.substr(0, space)), openblas_get_corename(), {}, false};
  description.best_core = description.core;
#if defined(__x86_64__)
  const BestCore best = best_core_of_cpu();
  if (width_of(description.core) < best.width) {
    description.best_core = best.name;
    description.below_machine = true;
  }
#endif
  return description;
}

std::optional<std::string> better_blas_core() {
  if (std::getenv(blas_core_variable) != nullptr) return std::nullopt;
  const BlasDescription description = describe_blas();
  if (!description.below_machine) return std::nullopt;
  return description.best_core;
}

int64_t unpacked_product_limit() {
  static const int64_t limit = width_of(openblas_get_corename()) == 512 ? 1'000'000 : 0;
  return limit;
}

}  // namespace duel
