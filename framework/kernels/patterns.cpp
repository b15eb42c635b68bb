#include "kernels/patterns.hpp"

#include <algorithm>
#include <array>

#include "kernels/batch_ops.hpp"

namespace duel {
namespace {

using E = Elementwise;
using simd::Batch;

// Trees as types. Each leaf occurs once.
template <int index>
struct Leaf {
  static constexpr int leaves = 1;
  template <class T>
  static Batch<T> value(const std::array<Batch<T>, 4>& sources) {
    return sources[index];
  }
  template <class T>
  static void describe(Pattern<T>& pattern) {
    pattern.nodes.push_back({.leaf = index});
    ++pattern.sources;
  }
};

template <E op, class A, class B = void>
struct Apply {
  static constexpr int leaves = A::leaves + B::leaves;
  template <class T>
  static Batch<T> value(const std::array<Batch<T>, 4>& sources) {
    return binary<T, op>(A::value(sources), B::value(sources));
  }
  template <class T>
  static void describe(Pattern<T>& pattern) {
    pattern.nodes.push_back({.op = op});
    A::describe(pattern);
    B::describe(pattern);
  }
};

template <E op, class A>
struct Apply<op, A, void> {
  static constexpr int leaves = A::leaves;
  template <class T>
  static Batch<T> value(const std::array<Batch<T>, 4>& sources) {
    return unary<T, op>(A::value(sources));
  }
  template <class T>
  static void describe(Pattern<T>& pattern) {
    pattern.nodes.push_back({.op = op});
    A::describe(pattern);
  }
};

using A = Leaf<0>;
using B = Leaf<1>;
using C = Leaf<2>;
using D = Leaf<3>;

template <class Tree, class T>
void run(T* out, const Source<T>* sources, int64_t count) {
  const auto tree = [](auto... batches) { return Tree::value(std::array<Batch<T>, 4>{batches...}); };
  // Loads are what these trees wait for, and every second source is a constant, most often.
  if constexpr (Tree::leaves == 4) {
    if (sources[1].step == 0 && sources[3].step == 0) {
      const Batch<T> b = simd::load(sources[1].data);
      const Batch<T> d = simd::load(sources[3].data);
      const Source<T> others[] = {sources[0], sources[2]};
      return for_each_batch<T, 2>(out, others, count, [&](Batch<T> a, Batch<T> c) { return tree(a, b, c, d); });
    }
  }
  if constexpr (Tree::leaves == 3) {
    if (sources[1].step == 0) {
      const Batch<T> b = simd::load(sources[1].data);
      const Source<T> others[] = {sources[0], sources[2]};
      return for_each_batch<T, 2>(out, others, count, [&](Batch<T> a, Batch<T> c) { return tree(a, b, c); });
    }
  }
  for_each_batch<T, Tree::leaves>(out, sources, count, tree);
}

template <class Tree, class T>
void add(std::vector<Pattern<T>>& all) {
  Pattern<T> pattern;
  Tree::describe(pattern);
  pattern.function = run<Tree, T>;
  all.push_back(std::move(pattern));
}

// The four operations one after another, either way round where that makes a difference.
template <E first, class T>
void add_pairs(std::vector<Pattern<T>>& all) {
  using First = Apply<first, A, B>;
  add<Apply<E::add, First, C>>(all);
  add<Apply<E::multiply, First, C>>(all);
  add<Apply<E::subtract, First, C>>(all);
  add<Apply<E::subtract, C, First>>(all);
  add<Apply<E::divide, First, C>>(all);
  add<Apply<E::divide, C, First>>(all);
  add<Apply<E::sqrt, First>>(all);
  add<Apply<E::rsqrt, First>>(all);
  add<Apply<E::square, First>>(all);
}

template <class T>
std::vector<Pattern<T>> make_patterns() {
  std::vector<Pattern<T>> all;
  add_pairs<E::add>(all);
  add_pairs<E::subtract>(all);
  add_pairs<E::multiply>(all);
  add_pairs<E::divide>(all);
  using Product = Apply<E::multiply, A, B>;
  using OtherProduct = Apply<E::multiply, C, D>;
  add<Apply<E::multiply, Apply<E::square, A>, B>>(all);
  add<Apply<E::subtract, B, Apply<E::square, A>>>(all);  // 1 − tanh²
  add<Apply<E::add, Apply<E::sqrt, A>, B>>(all);
  add<Apply<E::add, Apply<E::sqrt, Product>, C>>(all);
  add<Apply<E::add, Apply<E::sqrt, Apply<E::divide, A, B>>, C>>(all);
  add<Apply<E::maximum, Product, C>>(all);  // leaky ReLU
  add<Apply<E::maximum, C, Product>>(all);
  add<Apply<E::add, Product, OtherProduct>>(all);  // moving averages, momentum
  add<Apply<E::subtract, Product, OtherProduct>>(all);
  add<Apply<E::add, Product, Apply<E::multiply, Apply<E::square, C>, D>>>(all);  // second moments
  add<Apply<E::subtract, D, Apply<E::divide, Product, C>>>(all);                 // Adam's step
  add<Apply<E::subtract, D, Apply<E::multiply, C, Apply<E::divide, A, B>>>>(all);
  add<Apply<E::subtract, D, Apply<E::multiply, Product, C>>>(all);
  add<Apply<E::add, D, Apply<E::multiply, Product, C>>>(all);
  add<Apply<E::add, Apply<E::multiply, Apply<E::subtract, A, B>, C>, D>>(all);  // normalisation
  add<Apply<E::multiply, Product, Apply<E::subtract, C, D>>>(all);              // derivative of sigmoid
  std::ranges::stable_sort(all, std::greater<>(), &Pattern<T>::instructions);
  return all;
}

}  // namespace

template <class T>
std::span<const Pattern<T>> patterns() {
  static const std::vector<Pattern<T>> all = make_patterns<T>();
  return all;
}

template std::span<const Pattern<float>> patterns<float>();
template std::span<const Pattern<double>> patterns<double>();

}  // namespace duel
