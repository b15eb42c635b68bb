#include "tools/bench/sgemm.hpp"

#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "kernels/select.hpp"

#ifdef DUEL_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

namespace duel {
namespace {

constexpr int64_t size = 2048;

struct Operands {
  std::vector<float> a = std::vector<float>(size * size, 1.25F);
  std::vector<float> b = std::vector<float>(size * size, -0.5F);
  std::vector<float> c = std::vector<float>(size * size);
};

// Multiplies a by columns [first, first + columns) of b.
using MultiplyColumns = std::function<void(Operands& operands, int64_t first, int64_t columns)>;

struct Library {
  std::string name;
  MultiplyColumns multiply;
  double best_seconds = 1e30;
};

Library openblas() {
  const BlasDescription blas = describe_blas();
  return {blas.library + " " + blas.core, [](Operands& operands, int64_t first, int64_t columns) {
            const auto n = static_cast<blasint>(size);
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, static_cast<blasint>(columns), n, 1,
                        operands.a.data(), n, operands.b.data() + first, n, 0, operands.c.data() + first, n);
          }};
}

#ifdef DUEL_ONEDNN
Library onednn() {
  const dnnl_version_t& version = *dnnl_version();
  return {fmt::format("oneDNN {}.{}.{}", version.major, version.minor, version.patch),
          [](Operands& operands, int64_t first, int64_t columns) {
            const dnnl_status_t status =
                dnnl_sgemm('N', 'N', size, columns, size, 1, operands.a.data(), size, operands.b.data() + first, size,
                           0, operands.c.data() + first, size);
            DUEL_CHECK(status == dnnl_success, "dnnl_sgemm: {}", static_cast<int>(status));
          }};
}
#endif

double seconds_of_product(Operands& operands, const MultiplyColumns& multiply, int threads) {
  const auto begin = std::chrono::steady_clock::now();
  for_tiles(threads, [&](int64_t tile) {
    const int64_t first = size * tile / threads, last = size * (tile + 1) / threads;
    if (last > first) multiply(operands, first, last - first);
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::vector<SgemmRate> measure_sgemm(int threads) {
  std::vector<Library> libraries{openblas()};
#ifdef DUEL_ONEDNN
  libraries.push_back(onednn());
#endif
  constexpr int rounds = 8;  // in turn, so that the same quiet moments are there for both
  Operands operands;
  for (int round = 0; round < rounds; ++round) {
    for (Library& library : libraries) {
      library.best_seconds = std::min(library.best_seconds, seconds_of_product(operands, library.multiply, threads));
    }
  }
  std::vector<SgemmRate> rates;
  for (const Library& library : libraries) {
    rates.push_back({library.name, 2e-9 * size * size * size / library.best_seconds});
  }
  return rates;
}

}  // namespace duel
