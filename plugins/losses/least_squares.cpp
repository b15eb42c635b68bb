#include "plugins/losses/least_squares.hpp"

#include "plugins/losses/match.hpp"

namespace duel {

Tensor LeastSquares::build(ValueContext& context) const {
  if (!prediction) return AdversarialLoss::build(context);
  const Tensor predicted = context.evaluate(*prediction);
  return factor * mean(square(predicted - match_shape("least_squares", context.evaluate(*target), predicted)));
}

Tensor LeastSquares::discriminator_loss(const Tensor& real_output, const Tensor& fake_output) const {
  return factor * (mean(square(real_output - real_target)) + mean(square(fake_output - fake_target)));
}

Tensor LeastSquares::generator_terms(const Tensor& fake_output) const {
  return factor * square(fake_output - generator_target);
}

// An undecided one says the middle of both targets.
Judgement LeastSquares::discriminator_judgement() const {
  const double half = (real_target - fake_target) / 2;
  return {true, true, 0, factor * 2 * half * half};
}

std::string LeastSquares::conflict() const {
  if (!prediction && !target) {
    const std::string wrong = AdversarialLoss::conflict();
    return wrong.empty() ? "" : wrong + " (or give 'prediction' and 'target')";
  }
  if (real || fake || !side.empty()) return "give either 'prediction' and 'target' or 'real', 'fake' and 'side'";
  if (!takes_all(*top)) return "'top' is of the game's generator";
  if (!prediction || !target) return "'prediction' and 'target' go together";
  return "";
}

void LeastSquares::declare(Declaration<LeastSquares>& d) {
  d.help("least squares: as a game of 'real', 'fake' and 'side', or between 'prediction' and 'target'");
  d.reference("Mao et al. 2017, Least Squares Generative Adversarial Networks, section 3.1");
  declare_game(d, false);
  d.parameter("prediction", &LeastSquares::prediction, "a value to be drawn towards 'target'");
  d.parameter("target", &LeastSquares::target, "a number, or a value of the prediction's shape");
  d.parameter("factor", &LeastSquares::factor, "of the squares; 0.5 in the paper, 1 in many programs").above(0);
  d.parameter("fake_target", &LeastSquares::fake_target, "what the discriminator should say of generated data");
  d.parameter("real_target", &LeastSquares::real_target, "what the discriminator should say of real data");
  d.parameter("generator_target", &LeastSquares::generator_target,
              "what the generator wants the discriminator to say of generated data");
}

}  // namespace duel
