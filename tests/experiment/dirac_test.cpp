// The Dirac-GANs of the gallery against a few lines of NumPy (make_dirac.py): how far the two weights are from their
// equilibrium after each of 500 steps.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "plugins/register.hpp"
#include "tests/experiment/gallery.hpp"
#include "tests/support/filled_registry.hpp"
#include "train/open_experiment.hpp"
#include "train/run.hpp"

namespace duel {
namespace {

double weight(const CheckpointState& state, const std::string& network) {
  const StoredArray& array = state.arrays.at("networks/" + network + "/dense_1/weight");
  double value = 0;
  EXPECT_EQ(array.bytes.size(), sizeof value);
  std::memcpy(&value, array.bytes.data(), sizeof value);
  return value;
}

// "minimax_r1 0.3": the experiment, and the γ that it is given.
std::vector<double> trained_norms(const std::string& game, bool alternating) {
  const std::size_t space = game.find(' ');
  std::vector<std::string> overrides{"engine.precision=float64"};
  if (space != std::string::npos)
    overrides.push_back("players.discriminator.loss[1].r1.weight=" + game.substr(space + 1));
  if (alternating) overrides.emplace_back("train.turns=[generator, discriminator]");
  const auto file = experiment_file("points/dirac_" + game.substr(0, space));
  Session session(checked_experiment(load_document(file, overrides), filled_registry<register_plugins>()),
                  {1, std::nullopt});
  std::vector<double> norms;
  while (true) {
    const CheckpointState now = session.save();
    norms.push_back(std::hypot(weight(now, "generator"), weight(now, "discriminator")));
    if (session.step() == session.total_steps()) return norms;
    session.advance();
  }
}

TEST(Dirac, GoesWhereNumPySays) {
  const auto cases = nlohmann::json::parse(read_text(std::string(DUEL_SOURCE_DIR) + "/tests/experiment/dirac.json"));
  EXPECT_EQ(cases.size(), 12U);
  for (const nlohmann::json& expected : cases) {
    const auto game = expected.at("game").get<std::string>();
    const bool alternating = expected.at("alternating").get<bool>();
    SCOPED_TRACE(game + (alternating ? ", the generator first" : ", simultaneously"));
    const auto norms = expected.at("norms").get<std::vector<double>>();
    const std::vector<double> trained = trained_norms(game, alternating);
    ASSERT_EQ(trained.size(), norms.size());
    for (std::size_t step = 0; step < norms.size(); ++step) {
      ASSERT_NEAR(trained[step], norms[step], 1e-9 * norms[step] + 1e-13) << "at step " << step;
    }
  }
}

}  // namespace
}  // namespace duel
