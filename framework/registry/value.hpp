// The interfaces of what is computed from expressions: value functions and losses.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/ops.hpp"
#include "registry/expression.hpp"
#include "registry/parameters.hpp"
#include "registry/schedule.hpp"

namespace duel {

// A weight of a dense layer, a convolution or an attention: what rows of inputs are multiplied by.
struct NetworkWeight {
  std::string name;  // networks/critic/dense_1/weight
  Tensor value;
  int output_axis = -1;  // along which its outputs lie
};

// How many of `rows` are that share of them: the least whole number k with k/rows ≥ share, and at least 1.
int64_t rows_of_share(double share, int64_t rows);

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
  // The least whole number that is at least that share of `rows`, from 1 on, as a scalar: found in double precision, so
  // that a share k/rows is exactly k.
  virtual Tensor row_count(const Schedule& share, int64_t rows) = 0;
  // The stream of random numbers of the value being computed. `each_turn`: another draw in each turn and repeat (else
  // one a step).
  virtual RandomSource random(const std::string& name, bool each_turn) = 0;
  virtual bool redraws_each_turn() const = 0;  // train.redraw, or that of the phase
  // For losses: what the network of that name multiplies by, in its present version. A network that there is not, or
  // that the player whose loss it is does not update, is a UserError.
  virtual std::vector<NetworkWeight> weights_of(const std::string& network) = 0;

  // ── what is kept from step to step ──
  // Is this a step of training? Elsewhere (samples, evaluations) states are read and never set, and what is there only
  // to train, such as remembering examples, is left out.
  virtual bool trains() const = 0;
  // State of the function or loss being computed, as the step before left it: all turns of a step read the same. It is
  // of that shape, starts as `initial` throughout, is saved in checkpoints and never trained. `name` is the function's
  // own: two calls of it have two states. Of a function it depends on where in its value the call stands, so a
  // function asks for its states in samples as it does in training, or not at all.
  virtual Tensor state(const std::string& name, const Shape& shape, double initial) = 0;
  // What the next step is to read, of the state's shape; without effect outside of training. The first turn of the step
  // that computes the function says it for all; no derivative goes through it. A step that does not compute the
  // function leaves the state as it is.
  void set_state(const std::string& name, const Tensor& next) {
    set_state_later(name, [next] { return next; });
  }
  // The same, computed behind the losses of the turn, with its values before its updates: so `next` may evaluate values
  // that depend on this one. It is called within the context that it was given to, at most once, or never.
  virtual void set_state_later(const std::string& name, std::function<Tensor()> next) = 0;
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
