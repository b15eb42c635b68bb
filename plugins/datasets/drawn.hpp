// What data sets have in common that the program draws: example i is a pure function of (seed, i).
#pragma once

#include <functional>

#include "base/random.hpp"
#include "data/dataset.hpp"

namespace duel {

// Draws one example with its own random stream: out[f] is the memory of field f. Thread-safe, without allocation.
using DrawExample = std::function<void(RandomStream& random, std::span<float* const> out)>;

// A component whose examples are drawn one by one, without end unless `count` is given.
class DrawnSource : public DatasetSource {
 public:
  std::optional<int64_t> count;
  int64_t seed = 0;

  std::unique_ptr<Dataset> open(const OpenOptions& options) const final;
  std::optional<std::vector<Field>> known_fields() const final { return drawn_fields(); }

 protected:
  virtual std::vector<Field> drawn_fields() const = 0;
  virtual DrawExample drawing() const = 0;
  // Everything that the examples depend on but the seed and the count.
  virtual std::string description() const = 0;

  template <class Component>
  static void declare_drawing(Declaration<Component>& d) {
    d.parameter("count", &Component::count, "how many examples there are; without it, they never end").min(1);
    d.parameter("seed", &Component::seed, "another seed, other examples; the experiment's seed does not change them")
        .min(0);
  }
};

}  // namespace duel
