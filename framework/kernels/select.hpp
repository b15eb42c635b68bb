// Which kernel runs a node that is not part of a tile program. A fixed rule on op, shapes and type, never a timing: a
// run must be reproducible.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "graph/op.hpp"
#include "kernels/kernel.hpp"

namespace duel {

// For random, movement and contraction nodes, and for filling memory with a constant or iota. Fails a check for a kind
// that tile programs, views or the plan itself handle.
std::unique_ptr<Kernel> make_kernel(const Graph& graph, const Node& node);

// Copies `elements` numbers: the plan's last resort when a result cannot be made in place.
std::unique_ptr<Kernel> make_copy_kernel(DType dtype, int64_t elements);

// What the matrix library will use on this machine, for provenance and warnings: "OpenBLAS 0.3.21 SkylakeX".
struct BlasDescription {
  std::string library;
  std::string core;            // the kernel set that OpenBLAS chose
  std::string best_core;       // what the CPU offers
  bool below_machine = false;  // core is a lesser instruction set than the CPU has
};
BlasDescription describe_blas();

// OpenBLAS chooses its kernels when it is loaded, before main, unless the environment names them. The set that this
// program should start itself again with (in this variable), where the one chosen is below the machine and the user has
// named none.
inline constexpr const char* blas_core_variable = "OPENBLAS_CORETYPE";
std::optional<std::string> better_blas_core();

}  // namespace duel
