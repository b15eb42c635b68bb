#include "tools/doctor/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/turns.hpp"
#include "runs/run_metrics.hpp"
#include "train/health.hpp"

namespace duel {
namespace {

constexpr double exploded = 1000;  // times its early median, or 1
constexpr std::size_t fewest_records = 20;
constexpr std::size_t fewest_evaluations = 4;

const std::vector<std::string> calm_down{
    "lower the learning rates, of the discriminator first: ten times, then look again",
    "clip the gradients: optimizer: {adam: {…, clip_norm: 1}}",
    "a warmup of the learning rate, where it diverges within the first steps: lr: {warmup: {steps: 500, then: …}}",
    "spectral_norm in the discriminator, or an R1 penalty on real data",
};

const std::vector<std::string> weaken_the_discriminator{
    "lower the discriminator's learning rate, or raise the generator's",
    "give the discriminator noise: real: noise(data.image, linear(0.1, 0)), and dropout between its layers",
    "label smoothing: bce: {…, target: 1, smoothing: 0.1}",
    "an R1 penalty on real data, or spectral_norm: they bound how sure it can be",
    "see that the generator learns at all: its learning rate, and its output's range beside that of the data",
};

const std::vector<std::string> revive_the_generator{
    "a loss whose gradient does not fade where the discriminator is sure: non_saturating, hinge or wasserstein in "
    "place "
    "of minimax",
    "leaky_relu in place of relu in the generator, and normalisation between its layers",
    "lower the discriminator's learning rate",
};

const std::vector<std::string> bring_back_diversity{
    "see that the generator reads its noise: an input that is drawn anew for each example, of enough dimensions",
    "lower the learning rates, or fewer turns of the discriminator",
    "minibatch_stddev or minibatch_discrimination in the discriminator, which then sees that examples are alike",
    "an R1 penalty on real data (experiments/points/ring.yaml), or the wasserstein loss with a gradient penalty",
};

const std::vector<std::string> strengthen_the_discriminator{
    "see that the discriminator learns: its learning rate, its gradient, and that its player updates its network",
    "more turns for it: turns: [discriminator: 5, generator]",
    "a larger network; less dropout, noise and smoothing",
};

const std::vector<std::string> stop_earlier{
    "keep the best checkpoint, and stop there: checkpoint: {best: …}, train: {early_stop: …}",
    "more data, or augmentation of it in both real and generated examples",
    "lower learning rates at the end: lr: linear(2.0e-4, 0)",
    "a moving average of the generator's weights: averages: {generator: {decay: 0.999}}",
};

Curve curve_of(const RunEntry& run, const std::string& metric) {
  const auto found = run.records.metrics.find(metric);
  return found == run.records.metrics.end() ? Curve{} : Curve{run.records.steps, found->second};
}

double median_size(const std::vector<double>& values) {
  std::vector<double> sizes;
  for (const double value : values) {
    if (std::isfinite(value)) sizes.push_back(std::abs(value));
  }
  if (sizes.empty()) return 0;
  const auto middle = sizes.begin() + std::ssize(sizes) / 2;
  std::ranges::nth_element(sizes, middle);
  return *middle;
}

// How many times larger a series is at its end than at its beginning.
struct Growth {
  std::string series;
  double times = 0;
  double early = 0, late = 0;
};

std::optional<Growth> growth_of(const RunEntry& run, const std::string& series) {
  const Curve curve = curve_of(run, series);
  std::vector<double> values;
  std::ranges::copy_if(curve.values, std::back_inserter(values), [](double value) { return std::isfinite(value); });
  if (values.size() < 2) return std::nullopt;
  const std::size_t tenth = std::max<std::size_t>(1, values.size() / 10);
  const double early = median_size({values.begin(), values.begin() + std::ssize(values) / 10 + 1});
  double late = 0;
  for (std::size_t i = values.size() - tenth; i < values.size(); ++i) late = std::max(late, std::abs(values[i]));
  return Growth{series, late / std::max(early, 1e-30), early, late};
}

std::vector<std::string> losses_of(const Experiment& experiment) {
  std::vector<std::string> out;
  for (std::size_t player = 0; player < experiment.players.size(); ++player) {
    for (std::size_t loss = 0; loss < experiment.players[player].losses.size(); ++loss) {
      out.push_back(loss_name(experiment, {player, loss, 0, 0}));
    }
  }
  return out;
}

void add_divergence(const RunEntry& run, const Experiment& experiment, std::vector<Diagnosis>& out) {
  const bool collapsed = run.failure.find("train.on_collapse") != std::string::npos;
  if (run.failure.empty() || collapsed) return;
  std::optional<Growth> most;
  for (const std::string& loss : losses_of(experiment)) {
    const std::string gradient = loss.substr(0, loss.rfind(".loss")) + ".gradient";
    for (const std::string& series : {loss, gradient}) {
      const auto growth = growth_of(run, series);
      if (growth && (!most || growth->times > most->times)) most = growth;
    }
  }
  Diagnosis found{
      "divergence", most ? most->series : losses_of(experiment).front(), std::nullopt, run.failure, calm_down, {}};
  found.curve = curve_of(run, found.series);
  out.push_back(std::move(found));
}

void add_explosions(const RunEntry& run, const Experiment& experiment, std::vector<Diagnosis>& out) {
  for (const std::string& loss : losses_of(experiment)) {
    const auto growth = growth_of(run, loss);
    if (!growth || run.records.steps.size() < fewest_records) continue;
    if (growth->late < exploded * std::max(growth->early, 1.0)) continue;
    out.push_back({"loss explodes", loss, std::nullopt,
                   fmt::format("{} was {:.3g} at first and has grown to {:.3g}: the learning rate is too large", loss,
                               growth->early, growth->late),
                   calm_down, curve_of(run, loss)});
  }
}

// The sign of ill health as a diagnosis, with the curve that shows it.
Diagnosis diagnosis_of(const Finding& finding, const RunEntry& run) {
  Diagnosis out{"", finding.series, finding.since, finding.text(), {}, {}};
  switch (finding.kind) {
    case Finding::Kind::saturated:
      out.illness = "discriminator saturated";
      out.advice = weaken_the_discriminator;
      out.curve = curve_of(run, finding.series);
      break;
    case Finding::Kind::vanished:
      out.illness = "generator gradient vanished";
      out.advice = revive_the_generator;
      out.curve = curve_of(run, finding.series);
      break;
    case Finding::Kind::alike:
      out.illness = "diversity lost";
      out.advice = bring_back_diversity;
      for_each_snapshot(run.folder / "run.h5", finding.series,
                        [&](int64_t step, int64_t rows, std::span<const float> values) {
                          out.curve.steps.push_back(step);
                          out.curve.values.push_back(mean_distance(values, rows));
                        });
      break;
  }
  return out;
}

// How differently two sets of rows are distributed: the energy distance (Székely and Rizzo 2013) of the first 64 rows
// of each, as a share of the mean distance of two real ones.
double energy_distance(const ShownSample& shown) {
  const auto distance = [&](std::span<const float> a, int64_t a_rows, std::span<const float> b, int64_t b_rows) {
    constexpr int64_t most = 64;
    const std::size_t width = a.size() / static_cast<std::size_t>(a_rows);
    const auto n = static_cast<std::size_t>(std::min(a_rows, most)),
               m = static_cast<std::size_t>(std::min(b_rows, most));
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        double squares = 0;
        for (std::size_t k = 0; k < width; ++k)
          squares += std::pow(double{a[i * width + k]} - double{b[j * width + k]}, 2);
        sum += std::sqrt(squares);
      }
    }
    return sum / static_cast<double>(n * m);
  };
  const double across = distance(shown.generated, shown.generated_rows, shown.real, shown.real_rows);
  const double generated = distance(shown.generated, shown.generated_rows, shown.generated, shown.generated_rows);
  const double real = distance(shown.real, shown.real_rows, shown.real, shown.real_rows);
  return real > 0 ? (2 * across - generated - real) / real : 0;
}

// A discriminator that tells nothing apart is what a game ends with; but not while a look at both sides does.
void add_undecided(const Health& health, const RunEntry& run, const Experiment& experiment,
                   const std::vector<ShownSample>& shown, std::vector<Diagnosis>& out) {
  constexpr double far_apart = 0.5;
  const auto far = std::ranges::find_if(shown, [](const ShownSample& one) { return energy_distance(one) > far_apart; });
  if (far == shown.end()) return;
  for (const Health::Undecided& one : health.undecided()) {
    out.push_back(
        {"discriminator too weak", one.series, one.since,
         fmt::format("{} is {:.3g}, what it is for a discriminator that tells nothing apart ({:.3g}), while the "
                     "samples '{}' are far from the real ones",
                     one.series, one.value, one.undecided, experiment.samples[far->sample].name),
         strengthen_the_discriminator, curve_of(run, one.series)});
  }
}

bool is_better(const EvaluationRecord& record, double a, double b) {
  return record.better == Better::lower ? a < b : a > b;
}

// Evaluations that have lost more than half of what they had gained, or never gained anything.
void add_worse(const RunEntry& run, std::vector<Diagnosis>& out) {
  for (const RunMetric& metric : metrics_of(std::span(&run, 1))) {
    if (metric.of_training) continue;
    const std::vector<MetricValue> values = values_of(run, metric);
    if (values.size() < fewest_evaluations || !values.back().record) continue;
    const EvaluationRecord& record = *values.back().record;
    if (record.better == Better::neither) continue;
    std::size_t best = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (is_better(record, values[i].value, values[best].value)) best = i;
    }
    const double first = values.front().value, top = values[best].value, last = values.back().value;
    const double doubt = 3 * record.uncertainty.value_or(0);
    const bool long_ago = 3 * (values.size() - 1 - best) >= values.size();
    // Two in a row, so that no lone bad one counts.
    const double lost = std::min(std::abs(last - top), std::abs(values[values.size() - 2].value - top));
    const double gained = std::abs(first - top);
    const bool never = best == 0;
    if (!long_ago || lost <= doubt || lost <= 0.5 * gained || lost <= 0.1 * std::abs(top)) continue;
    Diagnosis found{never ? "no progress" : "evaluations get worse",
                    metric.name,
                    values[best].step,
                    never ? fmt::format("{} was {:.4g} at its first evaluation and has never been better: it is {:.4g}",
                                        metric.name, first, last)
                          : fmt::format("{} was best at step {} ({:.4g}), and is {:.4g} now", metric.name,
                                        values[best].step, top, last),
                    stop_earlier,
                    {}};
    for (const MetricValue& value : values) {
      if (!found.curve.steps.empty() && found.curve.steps.back() == value.step) continue;
      found.curve.steps.push_back(value.step);
      found.curve.values.push_back(value.value);
    }
    out.push_back(std::move(found));
  }
}

}  // namespace

std::vector<Diagnosis> diagnose(const RunEntry& run, const Experiment& experiment,
                                const std::vector<ShownSample>& shown) {
  std::vector<Diagnosis> out;
  if (!experiment.trains()) return out;
  add_divergence(run, experiment, out);
  add_explosions(run, experiment, out);
  Health health(experiment, run.total_steps.value_or(run.step));
  for (const ShownSample& one : shown) health.set_reference(one.sample, mean_distance(one.real, one.real_rows));
  health.replay(run.folder / "run.h5", run.records, run.step);
  for (const Finding& finding : health.findings()) out.push_back(diagnosis_of(finding, run));
  add_undecided(health, run, experiment, shown, out);
  add_worse(run, out);
  return out;
}

}  // namespace duel
