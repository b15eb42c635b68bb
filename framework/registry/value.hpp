// The interfaces of what is computed from expressions: value functions and losses.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ops/ops.hpp"
#include "registry/expression.hpp"
#include "registry/parameters.hpp"
#include "registry/schedule.hpp"

namespace duel {

// What a value function or a loss may use while it is emitted; made by framework/model for one turn.
class ValueContext {
 public:
  virtual ~ValueContext() = default;
  virtual Graph& graph() = 0;
  // Rows of a batch, unless a source asks for its own number.
  virtual int64_t batch() const = 0;
  // Rows that a source makes when its own parameter asks for `asked`: that many, but the sample's count when the value
  // is computed to be shown.
  virtual int64_t rows(const std::optional<int64_t>& asked) const { return asked.value_or(batch()); }
  virtual Tensor evaluate(const Expression& expression) = 0;
  // The schedule's present value as a scalar.
  virtual Tensor number(const Schedule& schedule) = 0;
  // The stream of random numbers of the value being computed. `each_turn`: another draw in each turn and repeat (else
  // one a step).
  virtual RandomSource random(const std::string& name, bool each_turn) = 0;
  virtual bool redraws_each_turn() const = 0;  // train.redraw, or that of the phase
};

// A function of the expression language. Its declared parameters are its arguments: positional in order of
// declaration, or by name; those of type Expression are evaluated by the function itself.
class ValueFunction {
 public:
  virtual ~ValueFunction() = default;
  virtual Tensor build(ValueContext& context) const = 0;
};

// What a loss asks of a discriminator: by it, training sees a game that is over (train/health.hpp).
struct Judgement {
  bool real = false, fake = false;       // the examples that the term wants recognised as such
  std::optional<double> least = {};      // the loss of a discriminator that is sure, and right
  std::optional<double> undecided = {};  // the loss of one whose outputs tell nothing apart
};

// A term of a player's loss.
class Loss {
 public:
  virtual ~Loss() = default;

  // Parameters that every loss has.
  std::shared_ptr<const Schedule> weight = constant_schedule(1);
  int64_t every = 1;

  // A scalar, already averaged over the batch; the weight is applied by the caller.
  virtual Tensor build(ValueContext& context) const = 0;

  // Without the weight. Nothing for terms that judge nothing.
  virtual std::optional<Judgement> judgement() const { return std::nullopt; }

  template <class Component>
  static void declare_common(Declaration<Component>& d) {
    d.parameter("weight", &Component::weight, "factor of this term; may be a schedule").default_value("1");
    d.parameter("every", &Component::every,
                "compute the term only each n-th step, times n (lazy regularisation, Karras et al. 2020, section 3.1)")
        .min(1);
  }
};

}  // namespace duel
