// Layers that make one tensor of several.
#include <fmt/format.h>

#include "plugins/layers/layers.hpp"
#include "plugins/layers/support.hpp"

namespace duel {
namespace {

struct Concat final : Layer {
  int64_t axis = -1;

  static void declare(Declaration<Concat>& d) {
    d.help("inputs one after another along an axis; their other extents are the same");
    d.parameter("axis", &Concat::axis, "1 is the first axis after the batch, -1 the last").main();
  }

  std::string conflict() const { return axis == 0 ? "axis 0 is the batch, which cannot be joined" : ""; }

  std::vector<std::string> input_names() const override { return {}; }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    const int rank = inputs[0].rank();
    const int64_t index = axis < 0 ? axis + rank : axis;
    if (index >= 1 && index < rank) return concat(inputs, static_cast<int>(index));
    throw ShapeError(fmt::format("concat: {} has no axis {} besides the batch", to_string(inputs[0].shape()), axis));
  }
};

// Extents of 1 are repeated to fit, but axes are never added: [b, c] beside [b, h, w, c] is a mistake more often than
// a wish, and would be read as [w, c].
template <class Rule>
struct Join final : Layer {
  static void declare(Declaration<Join>& d) { d.help(Rule::help); }

  std::vector<std::string> input_names() const override { return {}; }

  Tensor build(LayerContext&, std::span<const Tensor> inputs) const override {
    Tensor joined = inputs[0];
    for (const Tensor& input : inputs.subspan(1)) {
      if (input.rank() != joined.rank() || input.shape()[0] != joined.shape()[0]) {
        throw ShapeError(fmt::format("{}: {} and {} do not fit together", Rule::kind, to_string(joined.shape()),
                                     to_string(input.shape())));
      }
      joined = Rule::apply(joined, input);
    }
    return joined;
  }
};

struct Add {
  static constexpr const char* kind = "add";
  static constexpr const char* help = "sum of the inputs; extents of 1 are repeated to fit";
  static Tensor apply(const Tensor& a, const Tensor& b) { return a + b; }
};

struct Multiply {
  static constexpr const char* kind = "multiply";
  static constexpr const char* help = "product of the inputs, element by element; extents of 1 are repeated to fit";
  static Tensor apply(const Tensor& a, const Tensor& b) { return a * b; }
};

}  // namespace

void add_joins(KindRegistry<Layer>& layers) {
  layers.add<Concat>("concat");
  layers.add<Join<Add>>(Add::kind);
  layers.add<Join<Multiply>>(Multiply::kind);
}

}  // namespace duel
