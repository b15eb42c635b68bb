// The losses of the two players of an adversarial game, as functions of what the discriminator (or critic) says of real
// and of generated data. Its outputs are logits: no sigmoid at the end.
#pragma once

#include <optional>
#include <string>

#include "plugins/losses/top_rows.hpp"

namespace duel {

// A game, seen from one side. The discriminator's loss needs both outputs, the generator's only `fake`. The two may
// have different numbers of rows: each is averaged by itself.
class AdversarialLoss : public Loss {
 public:
  std::optional<Expression> real;                              // the discriminator's output for real data
  std::optional<Expression> fake;                              // the discriminator's output for generated data
  std::string side;                                            // discriminator | generator
  std::shared_ptr<const Schedule> top = constant_schedule(1);  // of the generator's side (top_rows.hpp)

  Tensor build(ValueContext& context) const override;
  std::string conflict() const;
  // Of the discriminator's side.
  std::optional<Judgement> judgement() const override;

 protected:
  virtual Judgement discriminator_judgement() const { return {true, true}; }
  virtual Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const = 0;
  // Of each output; what is averaged.
  virtual Tensor generator_terms(const Tensor& fake_output) const = 0;

  // `always`: the game is the component's only form, so its parameters must be there.
  template <class Component>
  static void declare_game(Declaration<Component>& d, bool always) {
    d.parameter("real", &Component::real, "the discriminator's output for real data; for its own side only");
    auto fake_parameter = d.parameter("fake", &Component::fake, "the discriminator's output for generated data");
    if (always) fake_parameter.required();
    auto side_parameter = d.parameter("side", &Component::side, "whose loss it is: discriminator or generator");
    side_parameter.one_of({"discriminator", "generator"});
    if (always) side_parameter.required();
    declare_top(
        d, "of the generator's loss: over this share of the rows, those of the greatest outputs; may be a schedule");
  }
};

// Goodfellow et al. 2014, equation 1, both sides: the discriminator descends −E log D(x) − E log(1 − D(G(z))), the
// generator E log(1 − D(G(z))), whose gradient fades where the discriminator is sure.
class Minimax final : public AdversarialLoss {
 public:
  static void declare(Declaration<Minimax>& d);

 protected:
  Judgement discriminator_judgement() const override;
  Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const override;
  Tensor generator_terms(const Tensor& fake_output) const override;
};

// Goodfellow et al. 2014, section 3: as minimax, but the generator descends −E log D(G(z)).
class NonSaturating final : public AdversarialLoss {
 public:
  static void declare(Declaration<NonSaturating>& d);

 protected:
  Judgement discriminator_judgement() const override;
  Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const override;
  Tensor generator_terms(const Tensor& fake_output) const override;
};

// Lim and Ye 2017, "Geometric GAN"; Miyato et al. 2018, equations 16 and 17: E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))
// against −E D(G(z)).
class Hinge final : public AdversarialLoss {
 public:
  static void declare(Declaration<Hinge>& d);

 protected:
  Judgement discriminator_judgement() const override;
  Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const override;
  Tensor generator_terms(const Tensor& fake_output) const override;
};

// Arjovsky et al. 2017, algorithm 1: E D(G(z)) − E D(x) against −E D(G(z)). The critic must be kept Lipschitz by other
// means: weight clipping, a gradient penalty, spectral normalisation.
class Wasserstein final : public AdversarialLoss {
 public:
  static void declare(Declaration<Wasserstein>& d);

 protected:
  Tensor discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const override;
  Tensor generator_terms(const Tensor& fake_output) const override;
};

}  // namespace duel
