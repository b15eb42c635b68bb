#include "plugins/losses/adversarial.hpp"

#include <numbers>

namespace duel {
namespace {

// −E log D(x) − E log(1 − D(G(z))) for D = sigmoid of the output: −log σ(x) = softplus(−x), −log(1−σ(x)) = softplus(x).
Tensor two_class_loss(const Tensor& real_output, const Tensor& fake_output) {
  return mean(softplus(-real_output)) + mean(softplus(fake_output));
}

// Both kinds of examples, with logits of 0 where it is undecided.
const Judgement two_class_judgement{true, true, 0, 2 * std::numbers::ln2};

}  // namespace

std::optional<Judgement> AdversarialLoss::judgement() const {
  return side == "discriminator" ? std::optional(discriminator_judgement()) : std::nullopt;
}

Tensor AdversarialLoss::build(ValueContext& context) const {
  const Tensor fake_output = context.evaluate(*fake);
  if (side == "generator") return mean_of_top(context, generator_terms(fake_output), fake_output, *top);
  return discriminator_loss(context.evaluate(*real), fake_output);
}

std::string AdversarialLoss::conflict() const {
  if (side.empty()) return "'side' is missing: discriminator or generator";
  if (!fake) return "'fake' is missing: the discriminator's output for generated data";
  if (side == "discriminator" && !real) return "the discriminator's side needs 'real', its output for real data";
  if (side == "generator" && real) return "the generator's loss does not depend on 'real'; leave it out";
  if (side == "discriminator" && !takes_all(*top)) return "'top' is the generator's: the discriminator sees all rows";
  return "";
}

Tensor Minimax::discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const {
  return two_class_loss(real_output, fake_output);
}
Tensor Minimax::generator_terms(const Tensor& fake_output) const { return -softplus(fake_output); }
Judgement Minimax::discriminator_judgement() const { return two_class_judgement; }
void Minimax::declare(Declaration<Minimax>& d) {
  d.help("the original two-player game on logits; the generator descends E log(1 - D(G(z))), which saturates");
  d.reference("Goodfellow et al. 2014, Generative Adversarial Nets, equation 1");
  declare_game(d, true);
}

Tensor NonSaturating::discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const {
  return two_class_loss(real_output, fake_output);
}
Tensor NonSaturating::generator_terms(const Tensor& fake_output) const { return softplus(-fake_output); }
Judgement NonSaturating::discriminator_judgement() const { return two_class_judgement; }
void NonSaturating::declare(Declaration<NonSaturating>& d) {
  d.help("the two-player game on logits with a generator that descends -E log D(G(z))");
  d.reference("Goodfellow et al. 2014, Generative Adversarial Nets, section 3");
  declare_game(d, true);
}

Tensor Hinge::discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const {
  return mean(maximum(1 - real_output, 0)) + mean(maximum(1 + fake_output, 0));
}
Tensor Hinge::generator_terms(const Tensor& fake_output) const { return -fake_output; }
Judgement Hinge::discriminator_judgement() const { return {true, true, 0, 2}; }
void Hinge::declare(Declaration<Hinge>& d) {
  d.help("hinge game: E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) against -E D(G(z))");
  d.reference("Lim and Ye 2017, Geometric GAN; Miyato et al. 2018, Spectral Normalization, equations 16 and 17");
  declare_game(d, true);
}

Tensor Wasserstein::discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const {
  return mean(fake_output) - mean(real_output);
}
Tensor Wasserstein::generator_terms(const Tensor& fake_output) const { return -fake_output; }
void Wasserstein::declare(Declaration<Wasserstein>& d) {
  d.help("Wasserstein game: E D(G(z)) - E D(x) against -E D(G(z)); the critic has to be kept Lipschitz");
  d.reference("Arjovsky et al. 2017, Wasserstein GAN, algorithm 1");
  declare_game(d, true);
}

}  // namespace duel
