#include "random_graph.hpp"

#include <algorithm>
#include <vector>

#include "ops/ops.hpp"

namespace duel {
namespace {

class Builder {
 public:
  Builder(uint64_t seed, DType dtype) : stream_(seed) { result_.graph = Graph(dtype); }

  RandomGraph build(int size) {
    declare();
    while (result_.graph.size() < static_cast<std::size_t>(size)) add();
    const int outputs = 2 + below(5);
    for (int i = 0; i < outputs; ++i) result_.graph.add_output("output" + std::to_string(i), any().id());
    return std::move(result_);
  }

 private:
  Graph& graph() { return result_.graph; }
  int below(int bound) { return static_cast<int>(stream_.below(static_cast<uint64_t>(bound))); }
  // Mostly a late tensor, so that graphs grow deep.
  const Tensor& any() {
    const int size = static_cast<int>(pool_.size());
    return pool_[static_cast<std::size_t>(below(3) == 0 ? below(size) : size - 1 - below(std::min(size, 8)))];
  }

  Shape shape() {
    static const std::vector<Shape> shapes{{4, 6}, {4, 6}, {4, 6}, {6}, {4, 1}, {}, {2, 2, 6}, {1, 6}, {3, 4, 6}, {24}};
    return shapes[static_cast<std::size_t>(below(static_cast<int>(shapes.size())))];
  }

  void declare() {
    for (int i = 0; i < 3; ++i) {
      const std::string name = "input" + std::to_string(i);
      const Shape s = shape();
      pool_.emplace_back(graph(), graph().input(name, s));
      result_.inputs[name] = random_tensor(stream_, s);
    }
    for (int i = 0; i < 4; ++i) {
      const std::string name = "variable" + std::to_string(i);
      const Shape s = i < 2 ? Shape{4, 6} : shape();
      pool_.emplace_back(graph(), graph().variable(name, s));
      result_.variables[name] = random_tensor(stream_, s);
    }
    pool_.push_back(constant(graph(), 0.75, shape()));
  }

  // tanh keeps everything near 1 and smooth, so that rounding cannot grow.
  void keep(const Tensor& a) { pool_.push_back(below(3) == 0 ? tanh(a) : a * 0.5); }

  void add() {
    switch (below(11)) {
      case 0:
      case 1:
      case 2:
        return add_binary();
      case 3:
      case 4:
        return add_unary();
      case 5:
        return add_reduction();
      case 6:
        return add_broadcast();
      case 7:
        return add_matmul();
      case 8:
        return add_movement();
      case 9:
        return add_random();
      default:
        return add_assignment();
    }
  }

  // Another tensor that broadcasts with `a`, if one is found soon.
  Tensor partner(const Tensor& a) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Tensor& b = any();
      const int rank = std::max(a.rank(), b.rank());
      bool fits = true;
      for (int i = 1; i <= rank; ++i) {
        if (i > a.rank() || i > b.rank()) break;
        fits = fits && (a.shape()[-i] == b.shape()[-i] || a.shape()[-i] == 1 || b.shape()[-i] == 1);
      }
      if (fits) return b;
    }
    return a;
  }

  void add_binary() {
    const Tensor a = any();
    const Tensor b = partner(a);
    switch (below(6)) {
      case 0:
        return keep(a + b);
      case 1:
        return keep(a - b);
      case 2:
        return keep(a * b);
      case 3:
        return keep(a / (1.5 + square(b)));
      case 4:
        return keep(maximum(a, b));
      default:
        // A smooth condition cannot flip by rounding; whole numbers are exact.
        return keep(select(greater(floor(3.0 * sin(a)) + 0.5, 0.0), a, b));
    }
  }

  void add_unary() {
    const Tensor a = any();
    switch (below(8)) {
      case 0:
        return keep(sigmoid(a));
      case 1:
        return keep(softplus(a));
      case 2:
        return keep(exp(-square(a)));
      case 3:
        return keep(rsqrt(square(a) + 1.0));
      case 4:
        return keep(stop_gradient(a) * 1.0);
      case 5:
        return keep(log1p(square(a)));
      case 6:
        return keep(1.0 - a);
      default:
        return keep(abs(a));
    }
  }

  void add_reduction() {
    const Tensor a = any();
    std::vector<int64_t> axes;
    for (int i = 0; i < a.rank(); ++i) {
      if (below(2) == 0) axes.push_back(i);
    }
    const bool keep_axes = below(2) == 0;
    keep(below(4) == 0 ? max(a, axes, keep_axes) : mean(a, axes, keep_axes));
  }

  void add_broadcast() {
    const Tensor a = any();
    Shape to = a.shape();
    for (int i = 0; i < to.rank(); ++i) {
      if (to[i] == 1 && below(2) == 0) to[i] = 3;
    }
    if (to.rank() < 3) to = to.prepend(1 + below(4));
    const Tensor wide = broadcast(a, to);
    if (wide.shape().elements() > 500) return;
    switch (below(3)) {
      case 0:
        return keep(reshape(wide, {wide.shape().elements()}));
      case 1:
        return pool_.push_back(wide);
      default:
        return keep(wide);
    }
  }

  void add_matmul() {
    const Tensor a = any();
    const Tensor b = any();
    if (a.rank() != 2 || b.rank() != 2) return;
    const bool transpose_a = below(2) == 0;
    const bool transpose_b = below(2) == 0;
    const int64_t inner = a.shape()[transpose_a ? 0 : 1];
    if (inner != b.shape()[transpose_b ? 1 : 0]) return;
    keep(matmul(a, b, transpose_a, transpose_b) / static_cast<double>(inner));
  }

  void add_movement() {
    const Tensor a = any();
    if (a.rank() == 0) return pool_.push_back(reshape(a, {1, 1}));
    switch (below(4)) {
      case 0:
        if (a.rank() >= 2) keep(transpose(a));
        return;
      case 1: {
        const int axis = below(a.rank());
        if (a.shape()[axis] > 1) keep(slice(a, axis, 1, a.shape()[axis]));
        return;
      }
      case 2: {
        const Tensor parts[] = {a, a * 2.0};
        if (a.shape().elements() < 100) keep(concat(parts, 0));
        return;
      }
      default:
        return pool_.push_back(reshape(a, {a.shape().elements()}));
    }
  }

  void add_random() {
    const RandomSource source{.key = stream_.below(1000), .turn = below(2), .repeat = below(2)};
    keep(below(2) == 0 ? random_normal(graph(), source, shape()) : random_uniform(graph(), source, shape()));
  }

  void add_assignment() {
    const Variable& variable = graph().variables()[static_cast<std::size_t>(below(4))];
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Tensor& a = any();
      if (a.shape() != variable.shape) continue;
      pool_.emplace_back(graph(), graph().assign(variable.name, a.id()));
      return;
    }
  }

  RandomGraph result_;
  RandomStream stream_;
  std::vector<Tensor> pool_;
};

}  // namespace

HostTensor random_tensor(RandomStream& stream, const Shape& shape) {
  HostTensor tensor{shape, {}};
  for (int64_t i = 0; i < shape.elements(); ++i) tensor.values.push_back(stream.uniform(-1, 1));
  return tensor;
}

RandomGraph random_graph(uint64_t seed, int size, DType dtype) { return Builder(seed, dtype).build(size); }

}  // namespace duel
