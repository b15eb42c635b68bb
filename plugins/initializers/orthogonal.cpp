#include <fmt/format.h>

#include <algorithm>
#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include "plugins/initializers/draws.hpp"
#include "plugins/initializers/initializers.hpp"

// xtensor-blas brings its own cblas.h, which cannot stand beside OpenBLAS'.
extern "C" void openblas_set_num_threads(int threads);

namespace duel {
namespace {

struct Orthogonal final : Initializer {
  double gain = 1;

  static void declare(Declaration<Orthogonal>& d) {
    d.help(
        "a random matrix with orthonormal columns or, where it is wide, rows; of higher ranks the last axis is "
        "columns");
    d.reference("Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning (2014)");
    d.parameter("gain", &Orthogonal::gain, "factor of the values").main();
  }

  void fill(std::span<double> values, const Shape& shape, const Fans&, RandomStream& random) const override {
    if (shape.rank() < 2 || shape.elements() == 0) {
      throw UserError(ExitCode::experiment,
                      fmt::format("the initializer 'orthogonal' cannot fill a weight of shape {}", to_string(shape)),
                      "it needs two or more axes; choose another one");
    }
    const auto columns = static_cast<std::size_t>(shape[-1]);
    const std::size_t rows = values.size() / columns;
    const bool wide = rows < columns;
    const auto q = orthonormal_columns(std::max(rows, columns), std::min(rows, columns), random);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) values[i * columns + j] = gain * (wide ? q(j, i) : q(i, j));
    }
  }

 private:
  // Q of a normal matrix's QR decomposition, its columns' signs those of R's diagonal: without that Q would not be
  // uniform among all such matrices (Mezzadri, How to generate random matrices from the classical compact groups,
  // 2007).
  static xt::xtensor<double, 2> orthonormal_columns(std::size_t rows, std::size_t columns, RandomStream& random) {
    xt::xtensor<double, 2, xt::layout_type::column_major> normal = xt::empty<double>({rows, columns});
    fill_normal({normal.data(), normal.size()}, 0, 1, random);
    openblas_set_num_threads(1);  // the same bits whatever the machine's number of cores
    auto [q, r] = xt::linalg::qr(normal);
    for (std::size_t j = 0; j < columns; ++j) {
      if (r(j, j) < 0) xt::view(q, xt::all(), j) *= -1;
    }
    return q;
  }
};

}  // namespace

void add_orthogonal(KindRegistry<Initializer>& initializers) { initializers.add<Orthogonal>("orthogonal"); }

}  // namespace duel
